/** The bank on the page: payments, the day's end, files to download. */
import { posix } from 'node:path';
import express, { type Request, type Response, Router } from 'express';
import { z } from 'zod/v4';
import { whatIsWrong } from '../link/message';
import type { People } from '../people';
import { ORGANISATION_ACCOUNT } from './accounts';
import { type Bank, bankFolders, bankProfile } from './bank';

const wish = z.strictObject({
	person: z.int(),
	amountOre: z.int().min(1).max(10_000_000_000),
	kid: z.string().max(40).optional(),
	text: z.string().max(140).optional(),
	/** 10 giro, 11 standing order, 15 AvtaleGiro. */
	type: z.enum(['10', '11', '15']).optional(),
});

export function bankRoutes(bank: Bank, people: People): Router {
	const routes = Router();
	routes.use('/bank', express.json());
	routes.get('/bank', (_request, response) => {
		response.json({
			profile: bank.profile,
			account: ORGANISATION_ACCOUNT,
			transfers: bank.transfers.slice(-100).reverse(),
			files: bankFolders.flatMap((folder) =>
				bank.files.list(folder).flatMap((name) => {
					const path = posix.join(folder, name);
					return bank.files.look(path)?.kind === 'file' ? [path] : [];
				}),
			),
		});
	});
	routes.post('/bank/profile', (request, response) => {
		const read = parsed(bankProfile, request, response);
		if (read) response.json(Object.assign(bank.profile, read));
	});
	routes.post('/bank/pay', (request, response) => {
		const read = parsed(wish, request, response);
		if (!read) return;
		const { person: id, ...payment } = read;
		const person = people.get(id);
		if (!person) return refuse(response, 404, 'No such person');
		response.json(bank.pay(person, payment));
		people.did(id, bank.transfers.at(-1)!.at, `Bank ${payment.amountOre / 100} kr`);
	});
	/** The payer's bank takes it back: another entry, of the day that is open now. */
	routes.post('/bank/transfers/:transfer/back', (request, response) => {
		const transfer = bank.transfers.find(({ id }) => id === Number(request.params.transfer));
		if (!transfer) return refuse(response, 404, 'No such payment');
		if (!bank.takeBack(transfer)) return refuse(response, 409, 'It has been taken back');
		response.json({ ok: true });
	});
	/** The files of today, now. */
	routes.post('/bank/close', (_request, response) => void response.json({ files: bank.close() }));
	routes.get('/bank/files/:folder/:name', (request, response) => {
		const { folder, name } = request.params;
		const bytes = bank.files.read(`/bank/${folder}/${name}`);
		if (!bytes) return refuse(response, 404, 'No such file');
		response
			.type('application/octet-stream')
			.set('content-disposition', `attachment; filename="${name.replace(/[^\w.-]/g, '_')}"`)
			.send(bytes);
	});
	return routes;
}

function parsed<T>(shape: z.ZodType<T>, request: Request, response: Response): T | undefined {
	const result = shape.safeParse(request.body ?? {});
	if (result.success) return result.data;
	return void refuse(response, 400, whatIsWrong(result.error));
}

function refuse(response: Response, status: number, message: string): void {
	response.status(status).json({ message });
}
