/** The Report API: `/settlement/v1/ledgers`, and `/report/v2/ledgers/{id}/{funds|fees}/{dates/…|feed}`. */
import { type Request, type Response, Router } from 'express';
import { problem } from './answers';
import { type Entry, type Ledger, type Topic, dateOf } from './ledger';
import type { VippsTokens } from './tokens';
import { ORGANISATION_NUMBER, units } from './units';

export interface ReportWishes {
	now(): number;
	pageSize(): number;
	payoutAccount: string;
}

export function reportRoutes(ledgers: readonly Ledger[], tokens: VippsTokens, wishes: ReportWishes): Router {
	const routes = Router();
	/** A sales unit's own keys reach its own ledger, merchant-level keys all of the organisation's. */
	const mine = (response: Response) =>
		response.locals.flow === 'standard' ? ledgers.filter(({ unit }) => unit === units.api) : ledgers;
	const find = (request: Request, response: Response): Ledger | undefined =>
		mine(response).find(({ unit }) => unit.ledgerId === request.params.ledger) ??
		void problem(response, 404, 'Not Found', 'No such ledgerId');

	routes.use(tokens.only(['standard', 'specialized']));
	routes.get('/settlement/v1/ledgers', (request, response) => {
		const wanted = request.query.settlesForRecipientHandles;
		response.json({
			items: mine(response)
				.filter(({ unit }) => typeof wanted !== 'string' || wanted === '' || unit.handle === wanted)
				.map(({ unit }) => ({
					ledgerId: unit.ledgerId,
					currency: 'NOK',
					payoutBankAccount: { scheme: 'BBAN:NO', id: wishes.payoutAccount },
					owner: { scheme: 'business:NO:ORG', id: ORGANISATION_NUMBER },
					settlesForRecipientHandles: [unit.handle],
					salesUnits: [{ name: unit.name, recipientHandle: unit.handle }],
				})),
			cursor: '',
		});
	});

	routes.get('/report/v2/ledgers/:ledger/:topic/feed', (request, response) => {
		const ledger = find(request, response);
		const topic = ledger && topicOf(request, response);
		if (!ledger || !topic) return;
		const from = place(request, response, `${ledger.unit.ledgerId}/${topic}`);
		if (from === undefined) return;
		const { items, next, more } = ledger.from(topic, from, wishes.pageSize());
		response.json({
			// Always there and never empty: it is kept, and asked with again.
			cursor: cursorAt(`${ledger.unit.ledgerId}/${topic}`, next),
			tryLater: !more,
			items: items.map((entry) => shown(entry, request)),
		});
	});

	routes.get('/report/v2/ledgers/:ledger/:topic/dates/:date', (request, response) => {
		const ledger = find(request, response);
		const topic = ledger && topicOf(request, response);
		if (!ledger || !topic) return;
		const date = String(request.params.date);
		if (!/^\d{4}-\d{2}-\d{2}$/.test(date))
			return problem(response, 400, 'Bad Request', 'ledgerDate must be YYYY-MM-DD');
		if (date > dateOf(wishes.now()))
			return problem(response, 404, 'Not Found', 'The report for this date is not available yet');
		const what = `${ledger.unit.ledgerId}/${topic}/${date}`;
		const from = place(request, response, what);
		if (from === undefined) return;
		const all = ledger.seen(topic).filter((entry) => entry.ledgerDate === date);
		const page = all.slice(from, from + wishes.pageSize());
		const hasMore = from + page.length < all.length;
		response.json({
			hasMore,
			...(hasMore ? { cursor: cursorAt(what, from + page.length) } : {}),
			tryLater: !hasMore && !ledger.isClosed(date),
			items: page.map((entry) => shown(entry, request)),
		});
	});
	return routes;
}

function topicOf(request: Request, response: Response): Topic | undefined {
	const { topic } = request.params;
	if (topic === 'funds' || topic === 'fees') return topic;
	return void problem(response, 404, 'Not Found', 'topic must be funds or fees');
}

/** Entries of a sandbox that has been started anew are other ones: a cursor of before begins with the first of them. */
const since = Date.now();

/** Opaque to whoever keeps it. */
const cursorAt = (what: string, after: number) =>
	Buffer.from(JSON.stringify({ what, after, since })).toString('base64url');

/** Undefined: it has been answered. */
function place(request: Request, response: Response, what: string): number | undefined {
	const { cursor } = request.query;
	if (cursor === undefined || cursor === '') return 0;
	try {
		const read = JSON.parse(Buffer.from(String(cursor), 'base64url').toString()) as {
			what?: unknown;
			after?: unknown;
			since?: unknown;
		};
		if (read.what === what && read.since !== since) return 0;
		if (read.what === what && Number.isSafeInteger(read.after)) return Number(read.after);
	} catch {
		// Not one of ours.
	}
	return void problem(response, 400, 'Bad Request', 'The cursor is not valid for this report');
}

function shown({ payer, at, seenFrom: _, recipientHandle, ...entry }: Entry, request: Request) {
	const asked = request.query.includeGDPRSensitiveData === 'true';
	return {
		pspReference: entry.pspReference,
		time: new Date(at).toISOString().replace('Z', '000Z'),
		ledgerDate: entry.ledgerDate,
		entryType: entry.entryType,
		reference: entry.reference,
		currency: 'NOK',
		amount: entry.amount,
		recipientHandle,
		balanceBefore: entry.balanceBefore,
		balanceAfter: entry.balanceAfter,
		...(asked && payer ? payer : {}),
	};
}
