// NATS's own client for JavaScript on one side, WebSocket clients on the other, the real server and a real
// nats-server between them.
//
//   TROUPE_BIN=build/release/bin/troupe NATS_SERVER=/usr/sbin/nats-server node --test nats_client_test.mjs
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { connect, JSONCodec, StringCodec } from 'nats';
import WebSocket from 'ws';

const troupe_binary = process.env.TROUPE_BIN;
const nats_binary = process.env.NATS_SERVER ?? 'nats-server';
const patience_ms = 20_000;
const json = JSONCodec();
const text = StringCodec();

const within = (promise, what) => new Promise((done, fail) => {
  const late = setTimeout(() => fail(new Error(`${what}: not within ${patience_ms} ms`)), patience_ms);
  promise.then(done, fail).finally(() => clearTimeout(late));
});
const turn = (ms) => new Promise((done) => { setTimeout(done, ms); });

async function until(what, look) {
  const give_up_at = Date.now() + patience_ms;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > give_up_at) throw new Error(`${what}: not within ${patience_ms} ms`);
    await turn(10);
  }
}

/** A nats-server on a free port, which it writes down. */
async function start_nats(folder) {
  const child = spawn(nats_binary, ['--addr', '127.0.0.1', '--port', '-1', '--ports_file_dir', folder, '--log', join(folder, 'log')],
    { stdio: 'ignore' });
  const url = await until('the ports of NATS', () => {
    const file = readdirSync(folder).find((name) => name.endsWith('.ports'));
    if (!file) return undefined;
    try { return JSON.parse(readFileSync(join(folder, file), 'utf8')).nats[0]; } catch { return undefined; }
  });
  return { child, url };
}

function start_troupe(nats_url) {
  const child = spawn(troupe_binary, ['serve', '--port', '0'],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TROUPE_NATS_URL: nats_url } });
  let printed = '';
  child.stderr.on('data', (bytes) => { printed += bytes; });
  return within(new Promise((done, fail) => {
    child.once('exit', (code) => fail(new Error(`the server ended (${code}):\n${printed}`)));
    child.stdout.on('data', (bytes) => {
      printed += bytes;
      const address = printed.match(/http:\/\/127\.0\.0\.1:(\d+)\//);
      if (address) done({ child, port: Number(address[1]) });
    });
  }), 'the address of the server');
}

/** A WebSocket client that keeps what it gets. */
class Client {
  frames = [];

  static async open(port, ...topics) {
    const client = new Client();
    client.socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
    client.socket.on('message', (data) => {
      const frame = JSON.parse(data);
      if (frame.type !== 'ping') client.frames.push(frame);
    });
    await client.next('connection');
    if (topics.length > 0) {
      client.socket.send(JSON.stringify({ type: 'subscribe', topics }));
      await client.next('subscribed');
    }
    return client;
  }

  /** Takes the first frame of this type, and what came before it away. */
  next(type) {
    return until(`a frame ${type}`, () => {
      const at = this.frames.findIndex((frame) => frame.type === type);
      return at < 0 ? undefined : this.frames.splice(0, at + 1).at(-1);
    });
  }

  close() { this.socket.terminate(); }
}

let folder, broker, server, bus;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nats-'));
  broker = await start_nats(folder);
  server = await start_troupe(broker.url);
  bus = await connect({ servers: broker.url });
  // The server connects in the background; its rules listen when an event comes through.
  const probe = await Client.open(server.port, 'probe');
  await until('the rules', async () => {
    bus.publish('order.probe', json.encode({ topic: 'probe' }));
    await turn(20);
    return probe.frames.length > 0 || undefined;
  });
  await until('the service', async () => {
    try { return await bus.request('troupe.rpc.stats'); } catch { return undefined; }
  });
  probe.close();
});

after(async () => {
  await bus?.close();
  if (server) {
    const ended = new Promise((done) => { server.child.once('exit', done); });
    server.child.kill('SIGTERM');
    assert.equal(await within(ended, 'the end of the server'), 0);
  }
  broker?.child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

describe('events that the npm client publishes', () => {
  it('reach every subscriber in order, none twice, none lost', async () => {
    const clients = await Promise.all([1, 2, 3].map(() => Client.open(server.port, 'order.update', 'orders.big')));
    const count = 3_000;
    for (let n = 1; n <= count; ++n)
      bus.publish('order.created', json.encode({ order_id: n, amount: n / 4, topic: n % 3 === 0 ? 'orders.big' : undefined }));
    await bus.flush();
    for (const client of clients) {
      await until('all of them', () => client.frames.length >= count || undefined);
      assert.equal(client.frames.length, count);
      const ids = client.frames.map((frame) => frame.data.order_id);
      for (const topic of ['order.update', 'orders.big']) {
        const of_topic = client.frames.filter((frame) => frame.topic === topic);
        const big = topic === 'orders.big';
        assert.equal(of_topic.length, big ? count / 3 : count - count / 3);
        of_topic.forEach((frame, i) => {
          assert.equal(frame.type, 'order_update');
          assert.equal(frame.offset, of_topic[0].offset + i, 'no gap in the offsets');
          if (i > 0) assert.ok(frame.data.order_id > of_topic[i - 1].data.order_id, 'in the order of publishing');
        });
      }
      assert.equal(new Set(ids).size, count);
      client.close();
    }
  });

  it('have the shape that their rule says', async () => {
    const client = await Client.open(server.port, 'payments');
    bus.publish('payment.completed', json.encode({ order_id: 7, amount: 12.5, card: 'not for everybody' }));
    const payment = await client.next('payment_completed');
    assert.deepEqual(Object.keys(payment).sort(), ['amount', 'from', 'offset', 'order_id', 'timestamp', 'topic', 'type']);
    assert.equal(payment.from, 'server');
    assert.equal(payment.order_id, 7);
    assert.equal(payment.amount, 12.5);
    bus.publish('payment.completed', text.encode('{"order_id":'));
    bus.publish('payment.completed', json.encode({ order_id: 8, amount: 1 }));
    assert.equal((await client.next('payment_completed')).order_id, 8, 'what is no JSON is skipped');
    bus.publish('notification.all', json.encode({ message: 'for everyone' }));
    assert.equal((await client.next('notification')).message, 'for everyone');
    client.close();
  });
});

describe('the server as a service', () => {
  it('is found by the discovery of the npm client', async () => {
    const seeker = bus.services.client({ maxWait: 1_000 });
    const all = async (found) => { const list = []; for await (const each of await found) list.push(each); return list; };
    const [ping] = await all(seeker.ping('troupe'));
    assert.equal(ping.type, 'io.nats.micro.v1.ping_response');
    assert.match(ping.version, /^\d+\.\d+\.\d+/);
    const [info] = await all(seeker.info('troupe', ping.id));
    assert.ok(info.endpoints.some((endpoint) => endpoint.subject === 'troupe.rpc.send_announcement'));
    const [stats] = await all(seeker.stats());
    assert.equal(stats.name, 'troupe');
    assert.ok(stats.endpoints.find((endpoint) => endpoint.name === 'stats').num_requests >= 1);
    assert.ok(Date.parse(stats.started) <= Date.now());
  });

  it('announces what it is asked to', async () => {
    const client = await Client.open(server.port);
    const answer = json.decode((await bus.request('troupe.rpc.send_announcement', json.encode({ text: 'Hello' }))).data);
    assert.equal(answer.success, true);
    assert.equal((await client.next('announcement')).text, 'Hello');
    const refused = json.decode((await bus.request('troupe.rpc.send_announcement', json.encode({}))).data);
    assert.match(refused.error, /'text'/);
    client.close();
  });
});
