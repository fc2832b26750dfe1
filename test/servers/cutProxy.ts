/** A way to a server that a test can cut and mend: what is on the way is lost, what comes next is refused. */
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

export interface CutProxy {
	port: number;
	cut(): Promise<void>;
	mend(): Promise<void>;
	close(): Promise<void>;
}

export async function cutProxy(host: string, port: number): Promise<CutProxy> {
	const open = new Set<Socket>();
	const listen = (at: number) =>
		new Promise<ReturnType<typeof createServer>>((resolve) => {
			const server = createServer((here) => {
				const there = connect(port, host);
				for (const socket of [here, there]) {
					open.add(socket);
					socket.on('error', () => undefined);
					socket.on('close', () => {
						open.delete(socket);
						here.destroy();
						there.destroy();
					});
				}
				here.pipe(there).pipe(here);
			}).listen(at, '127.0.0.1', () => resolve(server));
		});
	let server = await listen(0);
	const own = (server.address() as AddressInfo).port;
	const cut = async () => {
		const closed = new Promise((resolve) => server.close(resolve));
		for (const socket of open) socket.destroy();
		await closed;
	};
	return {
		port: own,
		cut,
		mend: async () => {
			server = await listen(own);
		},
		close: cut,
	};
}
