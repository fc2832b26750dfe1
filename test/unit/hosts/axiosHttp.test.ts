/** A server that behaves as providers do on bad days, asked through the port. */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { type AddressInfo, type Socket, createServer as createTcpServer } from 'node:net';
import { AnswerLost, NotSent } from '../../../core/ports';
import { axiosHttp } from '../../../hosts/axiosHttp';

let server: Server;
let url: string;
let seen: Array<{ method: string; url: string; headers: IncomingMessage['headers']; body: string }>;
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
	seen = [];
	answer = (_request, response) =>
		void response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}');
	server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			const { method = '', url: path = '', headers } = request;
			seen.push({ method, url: path, headers, body: Buffer.concat(chunks).toString() });
			answer(request, response);
		});
	});
	await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
	url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
	server.closeAllConnections();
	await new Promise((closed) => server.close(closed));
});

test('JSON goes out and comes back parsed, with repeated query keys as given', async () => {
	const got = await axiosHttp({
		method: 'POST',
		url: `${url}/lists`,
		query: { 'list_id[]': [1, 2], q: 'æ&b' },
		basic: { username: 'org', password: 'key' },
		json: { name: 'Kari' },
	});
	expect(got).toMatchObject({ status: 200, body: { ok: true } });
	expect(seen[0]).toMatchObject({ method: 'POST', body: '{"name":"Kari"}' });
	expect(seen[0]?.url).toBe('/lists?list_id%5B%5D=1&list_id%5B%5D=2&q=%C3%A6%26b');
	expect(seen[0]?.headers['authorization']).toBe(`Basic ${Buffer.from('org:key').toString('base64')}`);
	expect(seen[0]?.headers['content-type']).toBe('application/json');
});

test('a form is sent form-encoded', async () => {
	await axiosHttp({ method: 'POST', url, form: { grant_type: 'client_credentials', scope: 'a b' } });
	expect(seen[0]?.body).toBe('grant_type=client_credentials&scope=a+b');
	expect(seen[0]?.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded/);
});

test.each([400, 401, 403, 429, 500, 503])('status %i is an answer', async (status) => {
	answer = (_request, response) => void response.writeHead(status, { 'Retry-After': '7' }).end('no');
	expect(await axiosHttp({ method: 'GET', url })).toMatchObject({
		status,
		body: 'no',
		headers: { 'retry-after': '7' },
	});
});

test('HTML and broken JSON stay text', async () => {
	answer = (_request, response) =>
		void response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Login</h1>');
	expect((await axiosHttp({ method: 'GET', url })).body).toBe('<h1>Login</h1>');
	answer = (_request, response) =>
		void response.writeHead(200, { 'content-type': 'application/json' }).end('{"half');
	expect((await axiosHttp({ method: 'GET', url })).body).toBe('{"half');
});

test('redirects are not followed', async () => {
	answer = (_request, response) => void response.writeHead(302, { location: '/elsewhere' }).end();
	expect(await axiosHttp({ method: 'GET', url })).toMatchObject({
		status: 302,
		headers: { location: '/elsewhere' },
	});
	expect(seen).toHaveLength(1);
});

test('a refused connection and an unknown name were certainly not sent', async () => {
	const closed = await freePort();
	await expect(axiosHttp({ method: 'POST', url: `http://127.0.0.1:${closed}`, json: {} })).rejects.toThrow(
		NotSent,
	);
	await expect(axiosHttp({ method: 'POST', url: `http://localhost:${closed}`, json: {} })).rejects.toThrow(
		NotSent,
	);
	await expect(axiosHttp({ method: 'POST', url: 'http://no-such-name.invalid', json: {} })).rejects.toThrow(
		NotSent,
	);
	await expect(axiosHttp({ method: 'POST', url: 'not an address', json: {} })).rejects.toThrow(NotSent);
});

test('a connection cut after the request was written may have been received', async () => {
	answer = (request) => void request.socket.destroy();
	await expect(axiosHttp({ method: 'POST', url, json: {} })).rejects.toThrow(AnswerLost);
	expect(seen).toHaveLength(1);
});

test('a timeout may have been received', async () => {
	answer = () => undefined;
	await expect(axiosHttp({ method: 'POST', url, json: {}, timeoutMs: 100 })).rejects.toThrow(AnswerLost);
});

test('a server that talks no TLS never got the request', async () => {
	await expect(axiosHttp({ method: 'POST', url: url.replace('http:', 'https:'), json: {} })).rejects.toThrow(
		NotSent,
	);
});

test('messages hold neither query nor body', async () => {
	const sockets = new Set<Socket>();
	const mute = createTcpServer((socket) => void sockets.add(socket.on('data', () => socket.destroy())));
	await new Promise<void>((ready) => mute.listen(0, '127.0.0.1', ready));
	const { port } = mute.address() as AddressInfo;
	const asked = axiosHttp({
		method: 'GET',
		url: `http://127.0.0.1:${port}/token`,
		query: { key: 'hemmelig' },
	});
	await expect(asked).rejects.toThrow(`127.0.0.1:${port} gave no answer`);
	await expect(asked).rejects.not.toThrow('hemmelig');
	mute.close();
});

async function freePort(): Promise<number> {
	const probe = createTcpServer();
	await new Promise<void>((ready) => probe.listen(0, '127.0.0.1', ready));
	const { port } = probe.address() as AddressInfo;
	await new Promise((closed) => probe.close(closed));
	return port;
}
