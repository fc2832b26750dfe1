/** What the page and the tests ask for: persons, phones, inboxes, the clock, faults, the log of calls. */
import express, { type Request, type Response, Router } from 'express';
import { z } from 'zod/v4';
import { bankRoutes } from './bank/routes';
import { agencyRoutes } from './dialer/routes';
import { faultWish } from './faults';
import { forge, forgeWish } from './forge';
import { letterRoutes } from './letters/routes';
import { whatIsWrong } from './link/message';
import { linksOf, mailHtml } from './make/mailLinks';
import type { Mail } from './make/account';
import { smtpRoutes, smtpOnPage } from './smtp/page';
import { screenOf } from './vipps/pageRoutes';
import { type World, sandboxCredentials } from './world';

/** A question about the clock is answered after this at the latest, turned or not. */
const LONGEST_QUESTION_MS = 25_000;
const DAY_MS = 86_400_000;
const YEAR_MS = 366 * DAY_MS;

export function pageRoutes(world: World): Router {
	const routes = Router();
	routes.use(express.json({ limit: '5mb' }));
	clock(routes, world);
	people(routes, world);
	phones(routes, world);
	routes.use(smtpRoutes(world.smtp));
	inboxes(routes, world);
	routes.use(letterRoutes(world.letterbox, world.print, world.sftp));
	routes.use(
		agencyRoutes(world.agency, {
			adversus: world.adversus,
			vicidial: world.vicidial,
			files: world.callFiles,
		}),
	);

	routes.use(bankRoutes(world.bank, world.people));

	routes.get('/live', world.live.route);
	routes.get('/counters', (_request, response) => void response.json(world.counters()));
	routes.get('/requests', (request, response) => {
		const limit = Math.min(Number(request.query.limit ?? 200) || 200, 2_000);
		response.json({
			count: world.calls.count,
			idle: world.outgoing.idle && world.multichannel.callbacks.idle,
			requests: world.calls.latest(limit),
		});
	});
	routes.get('/faults', (_request, response) => void response.json(world.faults.list()));
	routes.post('/faults', (request, response) => {
		const wish = parsed(faultWish, request, response);
		if (wish) response.json(world.faults.order(wish));
	});
	routes.delete(['/faults', '/faults/:id'], (request, response) => {
		world.faults.callOff(request.params.id === undefined ? undefined : Number(request.params.id));
		response.json(world.faults.list());
	});
	/** For the page's Setup: made-up keys that open nothing but this sandbox. */
	routes.get('/credentials', (_request, response) => void response.json(sandboxCredentials));
	/** As when the secret is regenerated in the portal: every token given out stops working. */
	routes.post('/link-tokens/revoke', (_request, response) => {
		world.tokens.revoke();
		response.json({ ok: true });
	});
	routes.post('/forge', async (request, response) => {
		const wish = parsed(forgeWish, request, response);
		if (!wish) return;
		const answer = await forge(world, wish);
		if (answer) response.json(answer);
		else refuse(response, 409, 'No address is known to call yet: give url.');
	});
	routes.post('/reset', (_request, response) => {
		world.reset();
		response.json({ ok: true });
	});
	return routes;
}

const clockWish = z.union([
	// Only forwards: what has happened cannot come to lie in the future.
	z.strictObject({ forwardMs: z.int().min(0).max(YEAR_MS) }),
	// A machine whose clock is set right, as a fault: backwards too.
	z.strictObject({ jumpMs: z.int().min(-DAY_MS).max(DAY_MS) }),
]);

function clock(routes: Router, world: World): void {
	const reading = () => ({ offset: world.clock.offset(), now: world.clock.now() });
	const asking = new Set<() => void>();
	routes.get('/clock', (request, response) => {
		response.set('cache-control', 'no-store');
		const known = request.query.known;
		if (typeof known !== 'string' || Number(known) !== world.clock.offset())
			return void response.json(reading());
		const answer = () => {
			clearTimeout(timer);
			asking.delete(answer);
			if (!response.writableEnded) response.json(reading());
		};
		const timer = setTimeout(answer, LONGEST_QUESTION_MS);
		asking.add(answer);
		response.once('close', () => {
			clearTimeout(timer);
			asking.delete(answer);
		});
	});
	routes.post('/clock', (request, response) => {
		const wish = parsed(clockWish, request, response);
		if (!wish) return;
		world.clock.turnTo(world.clock.offset() + ('jumpMs' in wish ? wish.jumpMs : wish.forwardMs));
		for (const answer of [...asking]) answer();
		world.live.tell('clock');
		response.json(reading());
	});
}

function people(routes: Router, world: World): void {
	routes.get('/people', (request, response) => {
		const { search, limit } = request.query;
		const most = Math.min(Math.max(Number(limit ?? 200) || 200, 1), 5_000);
		response.json(world.people.list(typeof search === 'string' ? search : '', most));
	});
	routes.get('/people/:id', (request, response) => {
		const person = world.people.get(Number(request.params.id));
		if (!person) return refuse(response, 404, 'No such person');
		response.json({
			...person,
			repliesTo: person.phone ? world.link.repliesTo(person.phone) : null,
			messages: person.phone ? world.link.phones.of(person.phone) : [],
			mails: person.email ? mailsOf(world, person.email) : [],
			letters: world.letterbox.of(person.id),
			vipps: person.phone ? screenOf(world.vipps, person.id) : null,
			transfers: world.bank.of(person.id),
		});
	});
	routes.post('/people/:id/seen', (request, response) => {
		world.people.seen(Number(request.params.id));
		response.json({ ok: true });
	});
	const known = z.strictObject({
		name: z.string().nullish(),
		email: z.string().nullish(),
		phone: z.string().nullish(),
		place: z.string().nullish(),
	});
	/** Who the register's persons are, so that a phone and an inbox are shown under one name. */
	routes.post('/people', (request, response) => {
		const persons = parsed(z.array(known).max(100_000), request, response);
		if (!persons) return;
		for (const person of persons) world.people.know(person);
		response.json({ known: persons.length });
	});
}

function phones(routes: Router, world: World): void {
	routes.get('/phones/:number', (request, response) => {
		response.json({ number: request.params.number, messages: world.link.phones.of(request.params.number) });
	});
	/** `told`: what the receiver of inbound SMS answered; null: nobody there, or no address set. */
	routes.post('/phones/:number/reply', async (request, response) => {
		const reply = parsed(replyWish, request, response);
		if (reply) response.json({ told: await replyFrom(world, request.params.number as string, reply) });
	});
}

const replyWish = z.strictObject({
	text: z.string().min(1).max(1_600),
	/** A tapped button. */
	postback: z.string().max(2_000).optional(),
});

/** The way the last message came: Multichannel's replies carry its context, plain SMS go to its sender. */
async function replyFrom(
	{ link, linkCommon, multichannel: { network, callbacks } }: World,
	number: string,
	{ text, postback }: z.infer<typeof replyWish>,
): Promise<number | null> {
	const last = link.phones.of(number).findLast(({ from }) => from === 'organisation');
	if (last?.channel === undefined) return (linkCommon.routes(text) ? linkCommon : link).reply(number, text);
	network.say(number, { text, ...(postback === undefined ? {} : { postback }) });
	// Callbacks go in batches of their own; what they were answered is in the list of calls.
	return callbacks.settings ? 200 : null;
}

function inboxes(routes: Router, world: World): void {
	const find = (request: Request, response: Response): Mail | undefined => {
		const { email, mail: id } = request.params;
		const mail = world.make.inbox(email as string).find((one) => one.id === Number(id));
		return mail ?? void refuse(response, 404, 'No such mail');
	};
	routes.get('/inboxes/:email', (request, response) => {
		const { email } = request.params;
		response.json({
			email,
			mails: mailsOf(world, email),
		});
	});
	/** For the page's frame. Showing it loads the counting picture, which is the open. */
	routes.get('/inboxes/:email/:mail/html', (request, response) => {
		const mail = find(request, response);
		const html = mail && mailHtml(world.make, mail);
		if (!html) return;
		response
			.set({
				'content-security-policy': `default-src 'none'; img-src http: https:; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox`,
				'cache-control': 'no-store',
			})
			.type('html')
			.send(html);
	});
	routes.post('/inboxes/:email/:mail/open', (request, response) => {
		const mail = find(request, response);
		if (!mail) return;
		world.make.open(mail);
		response.json(mailOnPage(world, mail));
	});
	routes.post('/inboxes/:email/:mail/click', (request, response) => {
		const mail = find(request, response);
		const wish = mail && parsed(z.strictObject({ link: z.int().min(0) }), request, response);
		if (!mail || !wish) return;
		if (!world.make.click(mail, wish.link)) return refuse(response, 404, 'No such link');
		response.json(mailOnPage(world, mail));
	});
	routes.post('/inboxes/:email/:mail/unsubscribe', (request, response) => {
		const mail = find(request, response);
		if (!mail) return;
		world.make.unsubscribeFrom(mail);
		response.json(mailOnPage(world, mail));
	});
}

/** Newsletters from Make and mail over SMTP, the newest first. */
function mailsOf(world: World, email: string) {
	return [
		...world.make.inbox(email).map((mail) => mailOnPage(world, mail)),
		...world.smtp.of(email).map(smtpOnPage),
	].sort((a, b) => b.at - a.at || b.id - a.id);
}

function mailOnPage(world: World, mail: Mail) {
	const newsletter = world.make.newsletters.get(mail.newsletterId);
	const { fields: _, ...shown } = mail;
	return {
		...shown,
		newsletter: newsletter?.title ?? '',
		links: (newsletter?.links ?? []).map(({ text, url }, index) => ({
			text,
			url,
			href: linksOf(mail).link(index),
		})),
	};
}

function parsed<T>(shape: z.ZodType<T>, request: Request, response: Response): T | undefined {
	const result = shape.safeParse(request.body);
	if (result.success) return result.data;
	return void refuse(response, 400, whatIsWrong(result.error));
}

function refuse(response: Response, status: number, message: string): void {
	response.status(status).json({ message });
}
