/** A running sandbox, a receiver for what it calls, and the calls that tests make. */
import { type IncomingHttpHeaders, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import axios, { type AxiosResponse, type Method } from 'axios';
import { type Sandbox, type SandboxWish, sandboxCredentials, startSandbox } from '../../../sandbox/server';

export interface Heard {
	path: string;
	headers: IncomingHttpHeaders;
	body: string;
}

export interface Receiver {
	url: string;
	heard: Heard[];
	/** The status of the next answers; the last one stays. */
	answers: number[];
	close(): Promise<void>;
}

export async function receiver(): Promise<Receiver> {
	const heard: Heard[] = [];
	const answers = [200];
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			heard.push({
				path: request.url ?? '',
				headers: request.headers,
				body: Buffer.concat(chunks).toString(),
			});
			response.writeHead((answers.length > 1 ? answers.shift() : answers[0]) ?? 200).end('OK');
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		heard,
		answers,
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}

/** Any status is an answer. */
export function ask(
	method: Method,
	url: string,
	body?: unknown,
	headers: Record<string, string> = {},
): Promise<AxiosResponse> {
	return axios.request({
		method,
		url,
		data: body,
		headers: { 'content-type': 'application/json', ...headers },
		validateStatus: () => true,
		maxRedirects: 0,
		proxy: false,
	});
}

export async function until(holds: () => boolean, withinMs = 90_000): Promise<void> {
	const end = Date.now() + withinMs;
	while (!holds()) {
		if (Date.now() > end) throw new Error('It did not come to hold in time.');
		await new Promise((resolve) => setTimeout(resolve, 15));
	}
}

export const basicAuth = (id: string, secret: string) => ({
	authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});

export interface Running extends Sandbox {
	hears: Receiver;
	/** LINK with a token. */
	link(method: Method, path: string, body?: unknown): Promise<AxiosResponse>;
	/** Make's subscribers service. */
	subscribers(method: Method, path: string, body?: unknown): Promise<AxiosResponse>;
	newsletters(method: Method, path: string, body?: unknown): Promise<AxiosResponse>;
}

export async function running(wish: SandboxWish = {}): Promise<Running> {
	const sandbox = await startSandbox(wish);
	const hears = await receiver();
	const { id, secret } = sandboxCredentials.link;
	const token = await ask(
		'POST',
		`${sandbox.url}/link/token`,
		new URLSearchParams({
			grant_type: 'client_credentials',
			client_id: id,
			client_secret: secret,
		}).toString(),
		{ 'content-type': 'application/x-www-form-urlencoded' },
	);
	const bearer = { authorization: `Bearer ${(token.data as { access_token: string }).access_token}` };
	const make = basicAuth(sandboxCredentials.make.id, sandboxCredentials.make.secret);
	return {
		...sandbox,
		hears,
		link: (method, path, body) => ask(method, `${sandbox.url}/link${path}`, body, bearer),
		subscribers: (method, path, body) =>
			ask(method, `${sandbox.url}/make/subscribers/api/public/v2${path}`, body, make),
		newsletters: (method, path, body) =>
			ask(method, `${sandbox.url}/make/newsletters/api/public/v1${path}`, body, make),
		close: async () => {
			await sandbox.close();
			await hears.close();
		},
	};
}

export const sms = (recipient: string, text = 'Hei', more: Record<string, unknown> = {}) => ({
	recipient,
	content: { text, options: { 'sms.sender': 'Forening' } },
	...more,
});
