// Reads the demo's bugs with the TypeScript MCP SDK: over HTTP in both protocol eras, and over stdio.
// usage: node check.mjs PRINTED, where PRINTED holds what `playhead demo` printed.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

const TOOLS = [
  'list_projects', 'list_bugs', 'search_bugs', 'get_bug', 'get_bug_context', 'get_bug_media', 'get_screenshot',
  'get_replay_transcript', 'get_replay_moments', 'get_replay_raw', 'generate_fix_prompt',
];

/** The blocks of JSON that can be pasted, in the order in which they are printed. */
function blocks(printed) {
  return [...printed.matchAll(/^\{$[\s\S]*?^\}$/gm)].map(([json]) => JSON.parse(json));
}

const text = (result) => result.content.filter((part) => part.type === 'text').map((part) => part.text).join('\n');

async function call(client, name, args) {
  const result = await client.callTool({ name, arguments: args });
  assert.ok(!result.isError, `${name}: ${text(result)}`);
  return result;
}

async function converse(client) {
  const { tools } = await client.listTools();
  const names = tools.map((tool) => tool.name);
  for (const tool of TOOLS) assert.ok(names.includes(tool), `${tool} is not among ${names}`);
  for (const tool of tools) assert.equal(typeof tool.annotations?.readOnlyHint, 'boolean', tool.name);

  const found = await call(client, 'search_bugs', { query: 'coupon' });
  const bug = found.structuredContent.bugs.find((row) => row.untrusted.title === 'Coupon does nothing').id;
  const context = text(await call(client, 'get_bug_context', { bug_id: bug }));
  assert.match(context, /TypeError/);
  assert.match(context, /<untrusted/);

  const transcript = text(await call(client, 'get_replay_transcript', { bug_id: bug, verbosity: 'detailed' }));
  assert.match(transcript, /^m1 /m);
  assert.match(transcript, /click button "Apply"/);

  const media = await call(client, 'get_bug_media', { bug_id: bug });
  const [screenshot] = media.structuredContent.screenshots;
  const picture = await call(client, 'get_screenshot', { screenshot_id: screenshot.id });
  const image = picture.content.find((part) => part.type === 'image');
  const bytes = Buffer.from(image.data, 'base64');
  assert.ok(bytes.length > 1000, `${bytes.length} bytes of picture`);
  assert.match(image.mimeType, /^image\/(png|jpeg|webp)$/);

  const prompt = await call(client, 'generate_fix_prompt', { bug_id: bug });
  const { cites } = prompt.structuredContent;
  assert.ok(cites.length > 0, 'the fix prompt cites no moment');
  for (const id of cites) {
    assert.match(text(prompt), new RegExp(`\\b${id}\\b`));
    assert.match(transcript, new RegExp(`^${id} `, 'm'), `the cited ${id} is no moment`);
  }

  const unknown = await client.callTool({ name: 'get_bug', arguments: { bug_id: '01JD3M6ZQK8V0W2X4Y6Z8A0B2C' } });
  assert.ok(unknown.isError, 'an unknown bug is an error');
  assert.match(text(unknown), /NOT_FOUND/);
}

async function withClient(label, transport, options) {
  const client = new Client({ name: 'playhead-check', version: '1' }, options);
  await client.connect(transport);
  try {
    await converse(client);
  } finally {
    await client.close();
  }
  console.log(`  ok: ${label}`);
}

const printed = readFileSync(process.argv[2], 'utf8');
const [cursor, vscode, stdio] = blocks(printed);
const http = (config) =>
  new StreamableHTTPClientTransport(new URL(config.url), { requestInit: { headers: config.headers } });

await withClient('HTTP, configuration for Cursor, handshake of 2025', http(cursor.mcpServers.playhead), {});
await withClient('HTTP, configuration for VS Code, revision 2026-07-28', http(vscode.servers.playhead), {
  versionNegotiation: { mode: { pin: '2026-07-28' } },
});
const { command, args, env } = stdio.mcpServers.playhead;
await withClient('stdio, handshake of 2025', new StdioClientTransport({ command, args, env }), {});
await withClient('stdio, negotiated', new StdioClientTransport({ command, args, env }), {
  versionNegotiation: { mode: 'auto' },
});

const claude = /^claude mcp add --transport http playhead (\S+) --header "Authorization: (Bearer \S+)"$/m.exec(printed);
assert.equal(claude[1], cursor.mcpServers.playhead.url);
assert.equal(claude[2], cursor.mcpServers.playhead.headers.Authorization);
