// Reads the demo's bugs with the TypeScript MCP SDK: over HTTP in both protocol eras and both forms of answers, and over
// stdio.
// usage: node check.mjs PRINTED, where PRINTED holds what `playhead demo` printed.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

const TOOLS = [
  'list_projects', 'list_bugs', 'search_bugs', 'get_bug', 'get_bug_context', 'get_bug_media', 'get_screenshot',
  'get_replay_transcript', 'get_replay_moments', 'get_replay_raw', 'generate_fix_prompt', 'create_bug', 'update_bug',
  'add_comment', 'list_comments', 'list_bug_activity', 'list_project_members', 'list_workspaces',
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

/** What is the same in both forms of answers. */
async function converse(client, isTyped) {
  const { tools } = await client.listTools();
  const names = tools.map((tool) => tool.name);
  for (const tool of TOOLS) assert.ok(names.includes(tool), `${tool} is not among ${names}`);
  for (const tool of tools) assert.equal(typeof tool.annotations?.readOnlyHint, 'boolean', tool.name);
  for (const { name, outputSchema } of tools) {
    assert.equal(outputSchema !== undefined, isTyped && name !== 'get_screenshot', `output schema of ${name}`);
  }
  const found = await call(client, 'search_bugs', { query: 'nothing coupon' });
  assert.equal(found.structuredContent !== undefined, isTyped, 'an answer has one form');
  const unknown = await client.callTool({ name: 'get_bug', arguments: { bug_id: '01JD3M6ZQK8V0W2X4Y6Z8A0B2C' } });
  assert.ok(unknown.isError, 'an unknown bug is an error');
  assert.match(text(unknown), /NOT_FOUND/);
  return found;
}

async function picture(client, screenshot) {
  const shown = await call(client, 'get_screenshot', { screenshot_id: screenshot });
  const image = shown.content.find((part) => part.type === 'image');
  const bytes = Buffer.from(image.data, 'base64');
  assert.ok(bytes.length > 1000, `${bytes.length} bytes of picture`);
  assert.match(image.mimeType, /^image\/(png|jpeg|webp)$/);
}

/** As a model reads: the text alone. */
async function readText(client) {
  const found = await converse(client, false);
  const bug = /^(\w{26}) .*\| Coupon does nothing/m.exec(text(found))[1];
  const context = text(await call(client, 'get_bug_context', { bug_id: bug }));
  assert.match(context, /TypeError/);
  assert.match(context, /<untrusted/);

  const transcript = text(await call(client, 'get_replay_transcript', { bug_id: bug, verbosity: 'detailed' }));
  assert.match(transcript, /^m1 /m);
  assert.match(transcript, /click button "Apply"/);

  const media = text(await call(client, 'get_bug_media', { bug_id: bug }));
  await picture(client, /^(\w{26}) image\//m.exec(media)[1]);

  const prompt = text(await call(client, 'generate_fix_prompt', { bug_id: bug }));
  const cites = [...prompt.matchAll(/ \[(m\d+)\]$/gm)].map(([, id]) => id);
  assert.ok(cites.length > 0, 'the fix prompt cites no moment');
  for (const id of cites) assert.match(transcript, new RegExp(`^${id} `, 'm'), `the cited ${id} is no moment`);
}

/** As a program reads: typed JSON, which is the text too. The SDK checks it against the output schemas. */
async function readTyped(client) {
  const found = await converse(client, true);
  assert.deepEqual(JSON.parse(text(found)), found.structuredContent);
  const bug = found.structuredContent.bugs.find((row) => row.untrusted.title === 'Coupon does nothing').id;
  const transcript = await call(client, 'get_replay_transcript', { bug_id: bug, verbosity: 'detailed' });
  assert.match(transcript.structuredContent.untrusted[0], /^m1 /);
  const media = await call(client, 'get_bug_media', { bug_id: bug });
  await picture(client, media.structuredContent.screenshots[0].id);
  const { structuredContent } = await call(client, 'generate_fix_prompt', { bug_id: bug });
  for (const id of structuredContent.cites) assert.match(structuredContent.prompt, new RegExp(`\\b${id}\\b`));
}

async function withClient(label, transport, options, read = readText) {
  const client = new Client({ name: 'playhead-check', version: '1' }, options);
  await client.connect(transport);
  try {
    await read(client);
  } finally {
    await client.close();
  }
  console.log(`  ok: ${label}`);
}

const printed = readFileSync(process.argv[2], 'utf8');
const [cursor, vscode, stdio] = blocks(printed);
const http = (config, query = '', headers = {}) =>
  new StreamableHTTPClientTransport(new URL(config.url + query), {
    requestInit: { headers: { ...config.headers, ...headers } },
  });

await withClient('HTTP, configuration for Cursor, handshake of 2025', http(cursor.mcpServers.playhead), {});
await withClient('HTTP, configuration for VS Code, revision 2026-07-28', http(vscode.servers.playhead), {
  versionNegotiation: { mode: { pin: '2026-07-28' } },
});
await withClient(
  'HTTP, typed answers by the address',
  http(cursor.mcpServers.playhead, '?output=structured'),
  {},
  readTyped,
);
await withClient(
  'HTTP, typed answers by a header, revision 2026-07-28',
  http(cursor.mcpServers.playhead, '', { 'Playhead-Output': 'structured' }),
  { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  readTyped,
);
const { command, args, env } = stdio.mcpServers.playhead;
await withClient('stdio, handshake of 2025', new StdioClientTransport({ command, args, env }), {});
await withClient('stdio, negotiated', new StdioClientTransport({ command, args, env }), {
  versionNegotiation: { mode: 'auto' },
});

const claude = /^claude mcp add --transport http playhead (\S+) --header "Authorization: (Bearer \S+)"$/m.exec(printed);
assert.equal(claude[1], cursor.mcpServers.playhead.url);
assert.equal(claude[2], cursor.mcpServers.playhead.headers.Authorization);
