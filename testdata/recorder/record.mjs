// npm run record            records every case into ../cases
// npm run record -- CASE..  records these cases
// npm run record -- --out FOLDER CASE..   writes them somewhere else
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Session } from './lib.mjs';
import { cases } from './cases.mjs';

const args = process.argv.slice(2);
let out = join(dirname(fileURLToPath(import.meta.url)), '..', 'cases');
const at = args.indexOf('--out');
if (at >= 0) out = resolve(args.splice(at, 2)[1]);
const names = args.length ? args : Object.keys(cases);
const unknown = names.filter((n) => !cases[n]);
if (unknown.length) { console.error(`unknown case: ${unknown.join(', ')}; there are: ${Object.keys(cases).join(', ')}`); process.exit(2); }

for (const name of names) {
  const session = new Session(name, cases[name]);
  try {
    await session.start();
    await cases[name].drive(session);
    const meta = await session.finish(join(out, name));
    console.log(`${name}: ${meta.durationS} s, ${meta.events} events, ${meta.actions} actions, ${JSON.stringify(meta.truthKinds)}`);
  } catch (error) {
    console.error(`${name}: ${error.stack ?? error}`);
    if (process.env.DEBUG_SHOTS && session.page) await session.page.screenshot({ path: join(process.env.DEBUG_SHOTS, `${name}.png`) }).catch(() => {});
    await session.abort();
    process.exitCode = 1;
  }
}
