import { expect, test } from 'vitest';
import { shownAddress, withoutSecrets } from './address.ts';

test('what is shown is host and path alone, also of what is no address', () => {
  expect(shownAddress('wss://me:pw@host:1/feed?t=abc#x')).toBe('wss://host:1/feed');
  expect(shownAddress('htp//me:pw@host')).toBe('htp//host');
  expect(shownAddress('feed?k=1')).toBe('feed');
  expect(shownAddress('http://admin:p@ssw0rd@cam/video')).toBe('http://cam/video');
});

test('shared addresses keep what names no secret', () => {
  expect(withoutSecrets('https://a:b@s3/model.onnx?X-Amz-Credential=1&X-Amz-Signature=2&rev=3')).toBe(
    'https://s3/model.onnx?rev=3',
  );
  expect(withoutSecrets('models/sobel.onnx')).toBe('models/sobel.onnx');
  expect(withoutSecrets('models/x.onnx?token=abc&rev=3#access_token=1')).toBe('models/x.onnx?rev=3');
  expect(withoutSecrets('https://host/x.onnx?jwt=1&pw=2&sid=3#token=4')).toBe('https://host/x.onnx');
});
