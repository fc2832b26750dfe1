/** HTTP through n8n's request helper: what it is asked for, and what its answers and complaints become. */
import type { IHttpRequestOptions } from 'n8n-workflow';
import { AnswerLost, NotSent } from '../../../core/ports';
import { httpOver } from '../../../hosts/n8n/http';

function helper(answer: object | Error) {
	const asked: IHttpRequestOptions[] = [];
	const http = httpOver(async (options) => {
		asked.push(options);
		if (answer instanceof Error) throw answer;
		return { headers: {}, body: '', ...answer };
	});
	return { http, asked };
}

const complaint = (code: string) =>
	Object.assign(new Error(`${code} at secret.example?key=hemmelig`), { code });

test('repeated keys go out as they are, and no redirect is followed', async () => {
	const { http, asked } = helper({ statusCode: 200 });
	await http({ method: 'GET', url: 'https://api.example.org/x?a=1', query: { 'list_id[]': [1, 2] } });
	expect(asked[0]).toMatchObject({
		url: 'https://api.example.org/x?a=1&list_id%5B%5D=1&list_id%5B%5D=2',
		disableFollowRedirect: true,
		ignoreHttpStatusErrors: true,
	});
});

test.each([
	['JSON', { json: { å: 1 } }, '{"å":1}', 'application/json'],
	[
		'a form',
		{ form: { grant_type: 'client credentials' } },
		'grant_type=client+credentials',
		'application/x-www-form-urlencoded',
	],
])('%s is written out, so that n8n leaves it alone', async (_kind, body, text, type) => {
	const { http, asked } = helper({ statusCode: 201 });
	await http({ method: 'POST', url: 'https://api.example.org/', ...body });
	expect(asked[0]).toMatchObject({ body: text, headers: { 'Content-Type': type } });
});

test('any status is an answer; JSON is parsed, a page of HTML stays text', async () => {
	const json = helper({
		statusCode: 429,
		headers: { 'Content-Type': 'application/json', 'Retry-After': '3' },
		body: '{"a":1}',
	});
	expect(await json.http({ method: 'GET', url: 'https://api.example.org/' })).toEqual({
		status: 429,
		headers: { 'content-type': 'application/json', 'retry-after': '3' },
		body: { a: 1 },
	});
	const html = helper({ statusCode: 500, headers: { 'content-type': 'text/html' }, body: '<h1>Oops</h1>' });
	expect((await html.http({ method: 'GET', url: 'https://api.example.org/' })).body).toBe('<h1>Oops</h1>');
});

test('a refused connection was certainly not sent, also when n8n wraps it', async () => {
	const wrapped = new Error('The service refused the connection', { cause: complaint('ECONNREFUSED') });
	await expect(helper(wrapped).http({ method: 'POST', url: 'https://api.example.org/' })).rejects.toThrow(
		NotSent,
	);
});

test.each(['ECONNRESET', 'ETIMEDOUT', 'ECONNABORTED'])(
	'after %s the request may have been received',
	async (code) => {
		const asking = helper(complaint(code)).http({
			method: 'POST',
			url: 'https://api.example.org/?key=hemmelig',
		});
		await expect(asking).rejects.toThrow(AnswerLost);
		await expect(asking).rejects.toThrow(`api.example.org gave no answer (${code})`);
	},
);
