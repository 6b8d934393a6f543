/**
 * Links as people copy them, from the address bar of a page about the file, made into links of the file itself.
 * GitHub's and Hugging Face's pages answer with HTML where their raw addresses answer with the model.
 */

/** Any other address comes back as it was; relative ones too. */
export function rawUrl(link: string): string {
  if (!URL.canParse(link)) return link;
  const url = new URL(link);
  const parts = url.pathname.split('/');
  if (url.hostname === 'github.com' || url.hostname === 'www.github.com') {
    // /owner/repo/{blob|raw}/ref/path
    if ((parts[3] === 'blob' || parts[3] === 'raw') && parts.length > 5) {
      const [, owner, repo, , ...rest] = parts;
      // Not raw.githubusercontent.com: it serves the pointer of a file in Git LFS, media.githubusercontent.com the file,
      // but for plain files only the former answers. `fetchModel` tries the second when it meets a pointer.
      return `https://raw.githubusercontent.com/${owner}/${repo}/${rest.join('/')}`;
    }
  }
  if (/^(www\.)?(huggingface\.co|hf\.co)$/.test(url.hostname)) {
    // /owner/repo/{blob|raw}/ref/path, /datasets/owner/repo/…; "raw" answers with the pointer of a large file.
    const at = parts.includes('blob') ? parts.indexOf('blob') : parts.includes('resolve') ? -1 : parts.indexOf('raw');
    if (at >= 2 && parts.length > at + 2) {
      parts[at] = 'resolve';
      return `https://huggingface.co${parts.join('/')}`;
    }
  }
  return link;
}

/** Where GitHub keeps the content of a file whose raw address gives a Git LFS pointer. */
export function lfsUrl(raw: string): string | undefined {
  if (!URL.canParse(raw)) return undefined;
  const url = new URL(raw);
  return url.hostname === 'raw.githubusercontent.com'
    ? `https://media.githubusercontent.com/media${url.pathname}`
    : undefined;
}
