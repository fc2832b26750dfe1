/** Stands between a client and a server, and cuts the connection after so many bytes from the client. */
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

export interface CuttingProxy {
	port: number;
	/** From the next connection on; undefined: never. */
	cutAfter: number | undefined;
	/** How often it has cut. */
	cuts: number;
	close(): Promise<void>;
}

export async function cuttingProxy(target: number): Promise<CuttingProxy> {
	const open = new Set<Socket>();
	const proxy: CuttingProxy = {
		port: 0,
		cutAfter: undefined,
		cuts: 0,
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				for (const socket of open) socket.destroy();
			}),
	};
	const server = createServer((client) => {
		const far = connect(target, '127.0.0.1');
		const limit = proxy.cutAfter;
		let sent = 0;
		for (const socket of [client, far]) {
			open.add(socket);
			socket.on('error', () => undefined);
			socket.on('close', () => {
				open.delete(socket);
				client.destroy();
				far.destroy();
			});
		}
		client.on('data', (bytes: Buffer) => {
			sent += bytes.length;
			if (limit === undefined || sent <= limit) {
				far.write(bytes);
				return;
			}
			proxy.cuts += 1;
			client.destroy();
			far.end();
		});
		far.on('data', (bytes: Buffer) => client.write(bytes));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	proxy.port = (server.address() as AddressInfo).port;
	return proxy;
}
