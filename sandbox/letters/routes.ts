/** Letters on the page: as pictures and PDF, sent back, rejected; and the printing house's batches. */
import express, { type Request, type Response, Router } from 'express';
import { z } from 'zod/v4';
import { type PrintingHouse, movedTo } from '../print/house';
import type { SftpDoor } from '../sftp/door';
import type { Letter, Letterbox } from './letterbox';

const newAddress = z.strictObject({
	name: z.string(),
	street: z.string(),
	postalCode: z.string(),
	city: z.string(),
});
const back = z.strictObject({ reason: z.string().max(200).optional(), newAddress: newAddress.optional() });

export function letterRoutes(letterbox: Letterbox, house: PrintingHouse, door: SftpDoor): Router {
	const routes = Router();
	const json = express.json();
	const find = ({ params }: Request, response: Response): Letter | undefined =>
		letterbox.letters.get(Number(params.letter)) ?? void refuse(response, 404, 'No such letter');

	routes.get('/letters/:letter', (request, response) => {
		const letter = find(request, response);
		if (letter) response.json(letter);
	});
	routes.get('/letters/:letter/pages/:page.png', async (request, response) => {
		const letter = find(request, response);
		if (!letter) return;
		const page = Number(request.params.page);
		if (!(page >= 1 && page <= letter.pages)) return refuse(response, 404, 'No such page');
		try {
			const png = await letterbox.picture(letter, page);
			response.type('png').set('cache-control', 'max-age=3600').send(Buffer.from(png));
		} catch {
			refuse(response, 500, 'No picture can be made of it');
		}
	});
	routes.get('/letters/:letter/pdf', async (request, response) => {
		const letter = find(request, response);
		if (!letter) return;
		const pdf = await letterbox.pdf(letter);
		response
			.type('pdf')
			.set('content-disposition', `inline; filename="${letter.id}.pdf"`)
			.send(Buffer.from(pdf));
	});
	/** Comes back: at once when it is posted, else once it has been. */
	routes.post('/letters/:letter/return', json, (request, response) => {
		const letter = find(request, response);
		const wish = letter && back.safeParse(request.body ?? {});
		if (!letter) return;
		if (!wish?.success) return refuse(response, 400, 'Give {reason, newAddress}');
		const { reason = 'unknown', newAddress: to } = wish.data;
		answer(response, letter, letterbox.carrierOf(letter).giveBack(letter, reason, to));
	});
	/** Comes back with an address that the sandbox makes up. */
	routes.post('/letters/:letter/move', (request, response) => {
		const letter = find(request, response);
		if (!letter) return;
		const to = movedTo(letter.address.name);
		answer(response, letter, letterbox.carrierOf(letter).giveBack(letter, 'moved', to));
	});
	routes.post('/letters/:letter/reject', json, (request, response) => {
		const letter = find(request, response);
		if (!letter) return;
		answer(response, letter, letterbox.carrierOf(letter).reject(letter, 'not readable'));
	});

	routes.get('/print/batches', (_request, response) => {
		const tally = new Map<string, Record<string, number>>();
		for (const { from, batch, state } of letterbox.letters.values()) {
			if (from !== 'print') continue;
			const states = tally.get(batch) ?? {};
			states[state] = (states[state] ?? 0) + 1;
			tally.set(batch, states);
		}
		response.json({
			port: door.port,
			fingerprint: door.fingerprint,
			batches: [...house.batches]
				.reverse()
				.map((batch) => ({ ...batch, states: tally.get(batch.name) ?? {} })),
			files: ['/in', '/out', '/calls/in', '/calls/out', '/bank/ocr', '/bank/camt054'].map((folder) => ({
				folder,
				files: door.files.list(folder),
			})),
		});
	});
	/** Another key, as when the server was set up anew or another answers in its place. */
	routes.post('/print/host-key', (_request, response) => {
		response.json({ fingerprint: door.changeHostKey() });
	});
	return routes;
}

function answer(response: Response, letter: Letter, done: boolean): void {
	if (done) response.json(letter);
	else refuse(response, 409, `Too late for that: it is ${letter.state}`);
}

function refuse(response: Response, status: number, message: string): void {
	response.status(status).json({ message });
}
