import { expect, test } from 'vitest';
import { shownAddress, withoutSecrets } from './address.ts';

test('what is shown is host and path alone, also of what is no address', () => {
  expect(shownAddress('wss://me:pw@host:1/feed?t=abc#x')).toBe('wss://host:1/feed');
  expect(shownAddress('htp//me:pw@host')).toBe('htp//host');
  expect(shownAddress('feed?k=1')).toBe('feed');
});

test('shared addresses keep what names no secret', () => {
  expect(withoutSecrets('https://a:b@s3/model.onnx?X-Amz-Credential=1&X-Amz-Signature=2&rev=3')).toBe(
    'https://s3/model.onnx?rev=3',
  );
  expect(withoutSecrets('models/sobel.onnx')).toBe('models/sobel.onnx');
});
