/** A process that hears LINK's reports as a host does: the LINK Trigger behind a web address, on a store of its own. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openStore } from '../core/store/store';
import { linkTrigger } from '../nodes/LinkTrigger/linkTrigger';
import { callbackAddress } from '../providers/callback';
import { contextOf } from './office';

async function main(): Promise<void> {
	const { url } = JSON.parse(process.argv[2] ?? '') as { url: string };
	const store = await openStore({ url });
	const context = contextOf(store, 'http://127.0.0.1:1');
	const params = linkTrigger.parameters.parse({});
	const server = createServer((request, response) => {
		const parts: Buffer[] = [];
		request.on('data', (part: Buffer) => parts.push(part));
		request.on('end', () => {
			const { searchParams } = new URL(request.url ?? '/', 'http://host');
			linkTrigger
				.receive?.(context, params, {
					method: 'POST',
					headers: { 'content-type': 'application/json' },
					query: Object.fromEntries(searchParams),
					raw: Buffer.concat(parts),
				})
				.then(({ status, body, after }) => {
					response.statusCode = status;
					response.end(typeof body === 'string' ? body : '');
					void after?.(() => Promise.resolve({ end: 'done' }));
				})
				.catch((cause: unknown) => {
					process.stderr.write(`${String(cause)}\n`);
					response.statusCode = 500;
					response.end();
				});
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	await linkTrigger.registered?.(context, params, `http://127.0.0.1:${port}/reports`);
	process.send?.({ address: await callbackAddress(store, 'link') });
	process.on('disconnect', () => process.exit(0));
}

main().catch((cause: unknown) => {
	process.stderr.write(`${String(cause)}\n`);
	process.exit(1);
});
