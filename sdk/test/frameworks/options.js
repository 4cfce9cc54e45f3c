/** The check hands over where its server is by the address of the page. */
export function options() {
  const query = new URLSearchParams(location.search);
  return { key: query.get('key'), endpoint: query.get('endpoint'), release: 'frameworks@1' };
}
