/** The sandbox: stand-ins for LINK, Make and a mail server on one address, and a page that shows what each test person got. */
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import express, { type NextFunction, type Request, type Response } from 'express';
import { ORGANISATION_ACCOUNT } from './bank/accounts';
import { adversusErrors } from './dialer/adversus';
import { vicidialErrors } from './dialer/vicidial';
import { playFaults } from './faults';
import { commonErrors, commonRoutes } from './linkCommon/routes';
import { linkErrors, linkRoutes } from './link/routes';
import { multichannelErrors, multichannelRoutes } from './linkMultichannel/routes';
import { makeErrors } from './make/answers';
import { makeRoutes } from './make/routes';
import { pageRoutes } from './pageRoutes';
import { pingenErrors, pingenRoutes } from './pingen/routes';
import { vippsErrors } from './vipps/answers';
import { appRoutes } from './vipps/appRoutes';
import { vippsPageRoutes } from './vipps/pageRoutes';
import { vippsPaths, vippsRoutes } from './vipps/routes';
import { World, sandboxCredentials } from './world';

export { exampleRegister, exampleRows, registerHeadings } from './register';
export { World, sandboxCredentials } from './world';

export interface SandboxWish {
	/** Default 0: any free port. */
	port?: number;
	/** Default 127.0.0.1. It has no sign-in: open it to others only on a network of your own. */
	host?: string;
	/** Epoch ms that the sandbox's clock shows at the start; default: real time. */
	clockStart?: number;
	/** Where it takes mail over SMTP; default 0: any free port. */
	smtpPort?: number;
	/** Where the printing house and the calling agency take files over SFTP; default 0: any free port. */
	sftpPort?: number;
	/** Where the page's files are, when the server's code has been bundled elsewhere. */
	pageFolder?: string;
}

export interface Sandbox {
	/** `http://127.0.0.1:<port>` without a slash at the end. */
	url: string;
	/** Takes every mail over SMTP, on the same host; nothing leaves it. */
	smtpPort: number;
	/** The SFTP server of the printing house and the calling agency, on the same host. */
	sftpPort: number;
	world: World;
	close(): Promise<void>;
}

/** @throws when the port is taken (Node's `EADDRINUSE`). */
export async function startSandbox({
	port = 0,
	host = '127.0.0.1',
	clockStart,
	smtpPort = 0,
	sftpPort = 0,
	pageFolder = join(__dirname, 'page'),
}: SandboxWish = {}): Promise<Sandbox> {
	const world = new World(clockStart === undefined ? 0 : clockStart - Date.now());
	const server = createServer(appOf(world, pageFolder));
	let mailPort: number;
	let filePort: number;
	try {
		await listening(server, port, host);
		mailPort = await world.smtp.listen(host, smtpPort);
		filePort = await world.sftp.listen(host, sftpPort);
	} catch (error) {
		server.close();
		await world.smtp.close();
		await world.sftp.close();
		world.close();
		throw error;
	}
	const address = server.address() as AddressInfo;
	return {
		url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
		world,
		smtpPort: mailPort,
		sftpPort: filePort,
		async close() {
			await world.smtp.close();
			await world.sftp.close();
			await new Promise<void>((resolve, reject) => {
				world.close();
				server.close((error) => (error ? reject(error) : resolve()));
				server.closeAllConnections();
			});
		},
	};
}

function appOf(world: World, pageFolder: string): express.Express {
	const app = express();
	app.disable('x-powered-by');
	app.use(
		['/link/token', '/link/sms'],
		world.calls.incoming('link'),
		playFaults(world.faults, 'link', linkErrors),
	);
	app.use(
		['/linkMultichannel/v1', '/linkMultichannel/v2'],
		world.calls.incoming('linkMultichannel'),
		playFaults(world.faults, 'linkMultichannel', multichannelErrors),
	);
	app.use(
		['/make/subscribers', '/make/newsletters'],
		world.calls.incoming('make'),
		playFaults(world.faults, 'make', makeErrors),
	);
	app.use(
		['/linkCommon/auth', '/linkCommon/sms', '/linkCommon/gate', '/linkCommon/morouter'],
		world.calls.incoming('link'),
		playFaults(world.faults, 'link', commonErrors),
	);
	app.use(
		'/adversus/v1',
		world.calls.incoming('adversus'),
		playFaults(world.faults, 'adversus', adversusErrors),
	);
	app.use(
		'/vicidial',
		world.calls.incoming('vicidial'),
		playFaults(world.faults, 'vicidial', vicidialErrors),
	);
	app.use(vippsPaths, world.calls.incoming('vipps'), playFaults(world.faults, 'vipps', vippsErrors));
	app.use(appRoutes(world.vipps));
	app.use('/vipps', vippsRoutes(world.vipps, ORGANISATION_ACCOUNT));
	app.use('/vippsApp', vippsPageRoutes(world.vipps));
	app.use('/adversus', world.adversus.routes(sandboxCredentials.adversus));
	app.use('/vicidial', world.vicidial.routes(sandboxCredentials.vicidial));
	app.use(
		['/pingen/auth', '/pingen/api', '/pingen/storage'],
		world.calls.incoming('pingen'),
		playFaults(world.faults, 'pingen', pingenErrors),
	);
	app.use('/pingen', pingenRoutes(world.pingen, world.pingenTokens, 'Foreningen (sandbox)'));
	app.use('/linkCommon', commonRoutes(world.linkCommon, world.commonTokens, sandboxCredentials.linkCommon));
	app.use('/link', linkRoutes(world.link, world.tokens));
	app.use(
		'/linkMultichannel',
		multichannelRoutes(world.multichannel, world.tokens, sandboxCredentials.multichannel.secret),
	);
	app.use('/make', makeRoutes(world.make, world.webhooks, sandboxCredentials.make));
	app.use(
		express.static(pageFolder, {
			setHeaders: (response) =>
				response.setHeader(
					'content-security-policy',
					"default-src 'self'; img-src 'self' data:; frame-src 'self'; base-uri 'none'; form-action 'none'",
				),
			cacheControl: false,
		}),
	);
	app.use(pageRoutes(world));
	app.use((_request, response) => void response.status(404).json({ message: 'Nothing here.' }));
	app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
		const unreadable = error instanceof SyntaxError || error instanceof URIError;
		response.status(unreadable ? 400 : 500).json({ message: unreadable ? 'Not readable.' : 'Not possible.' });
	});
	return app;
}

function listening(server: Server, port: number, host: string): Promise<void> {
	return new Promise((resolve, reject) => {
		server.once('error', reject);
		server.listen(port, host, () => {
			server.off('error', reject);
			resolve();
		});
	});
}
