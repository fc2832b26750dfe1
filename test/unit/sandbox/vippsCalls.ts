/** Calls to the sandbox's Vipps, as an organisation's two kinds of keys make them. */
import type { AxiosResponse, Method } from 'axios';
import { sandboxCredentials } from '../../../sandbox/server';
import { type Running, ask, basicAuth } from './running';

export interface VippsCalls {
	/** With a sales unit's keys. */
	unit(
		method: Method,
		path: string,
		body?: unknown,
		headers?: Record<string, string>,
	): Promise<AxiosResponse>;
	/** With merchant-level keys. */
	merchant(method: Method, path: string, body?: unknown): Promise<AxiosResponse>;
	/** What a person does in the app, and the organisation in the portal. */
	app(method: Method, path: string, body?: unknown): Promise<AxiosResponse>;
	forward(forwardMs: number): Promise<unknown>;
}

export const unitKeys = {
	client_id: sandboxCredentials.vipps.id,
	client_secret: sandboxCredentials.vipps.secret,
	'Ocp-Apim-Subscription-Key': sandboxCredentials.vipps.subscriptionKey,
	'Merchant-Serial-Number': sandboxCredentials.vipps.merchantSerialNumber,
};

export async function vippsCalls({ url }: Running): Promise<VippsCalls> {
	const { data: standard } = await ask('POST', `${url}/vipps/accesstoken/get`, undefined, unitKeys);
	const { id, secret } = sandboxCredentials.vippsReport;
	const { data: special } = await ask(
		'POST',
		`${url}/vipps/miami/v1/token`,
		'grant_type=client_credentials',
		{
			'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
			...basicAuth(id, secret),
		},
	);
	const { client_id: _, client_secret: __, ...sent } = unitKeys;
	return {
		unit: (method, path, body, headers) =>
			ask(method, `${url}/vipps${path}`, body, {
				...sent,
				authorization: `Bearer ${String((standard as { access_token: string }).access_token)}`,
				...headers,
			}),
		merchant: (method, path, body) =>
			ask(method, `${url}/vipps${path}`, body, {
				authorization: `Bearer ${String((special as { access_token: string }).access_token)}`,
			}),
		app: (method, path, body) => ask(method, `${url}/vippsApp${path}`, body),
		forward: (forwardMs) => ask('POST', `${url}/clock`, { forwardMs }),
	};
}
