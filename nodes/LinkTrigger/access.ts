/** Whom the trigger listens to. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod/v4';
import { StepProblem } from '../../core/ports';
import type { CredentialCheck, Receipt, Received, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { knowsSecret } from '../../providers/callback';
import { readLinkSettings } from '../../providers/link/client';
import { readMultichannelSettings } from '../../providers/linkMultichannel/settings';
import { verifySignature } from '../../providers/linkMultichannel/signature';
import { readSettings } from '../../providers/settings';
import { LARGEST_BODY, LARGEST_SIGNED_BODY, unpacked } from './body';

export type Admission =
	/** `signed`: Multichannel's own word for it. Else by what only LINK has been told. */
	{ body: Buffer; signed: boolean; signatureNeeded: boolean } | { refused: Receipt };

const TOO_LARGE: Receipt = { status: 413, body: 'Too large' };
const UNREADABLE: Receipt = { status: 400, body: 'Not readable' };

export async function admit(ctx: StepContext, store: Store, request: Received): Promise<Admission> {
	const multichannel = await chosen(ctx, 'linkMultichannelApi');
	if (multichannel !== undefined && request.headers['x-ocm-signature'] !== undefined)
		return admitSigned(ctx, readMultichannelSettings(multichannel).jwksUrl, request);
	if (request.raw.length > LARGEST_BODY) return { refused: TOO_LARGE };
	const [knows, may] = [await knowsToken(ctx, store, request), await bringsAccess(ctx, request)];
	if (!knows || !may) {
		const basic = may ? {} : { headers: { 'www-authenticate': 'Basic realm="LINK"' } };
		return { refused: { status: 401, body: 'Unauthorized', ...basic } };
	}
	const read = unpacked(request.raw, LARGEST_BODY);
	if ('refused' in read) return { refused: read.refused === 'too large' ? TOO_LARGE : UNREADABLE };
	return { body: read.body, signed: false, signatureNeeded: multichannel !== undefined };
}

async function admitSigned(ctx: StepContext, jwksUrl: string, request: Received): Promise<Admission> {
	const read = unpacked(request.raw, LARGEST_SIGNED_BODY);
	if ('refused' in read) return { refused: read.refused === 'too large' ? TOO_LARGE : UNREADABLE };
	const said = await verifySignature(ctx, jwksUrl, request.headers, read.body);
	if (said.verdict === 'genuine') return { body: read.body, signed: true, signatureNeeded: true };
	ctx.log('warn', `A callback came ${said.why}.`);
	return {
		refused:
			said.verdict === 'later'
				? { status: 503, body: 'The signature cannot be checked now, tell it again' }
				: { status: 401, body: 'Unauthorized' },
	};
}

/** The token in the address, or the admin's own. */
async function knowsToken(ctx: StepContext, store: Store, { query }: Received): Promise<boolean> {
	const settings = await chosen(ctx, 'linkMyLinkApi');
	const own = settings === undefined ? undefined : readLinkSettings(settings).callbackSecret;
	return knowsSecret(store, 'link', query.token, own);
}

const accessShape = z.object({
	kind: z.enum(['basic', 'header']).default('basic'),
	userName: z.string().trim().default(''),
	password: z.string().default(''),
	headerName: z.string().trim().default(''),
	headerValue: z.string().trim().default(''),
});

const labels = {
	kind: 'Callers Bring',
	userName: 'User Name',
	password: 'Password',
	headerName: 'Header Name',
	headerValue: 'Header Value',
};

export type CallbackAccess =
	{ kind: 'basic'; username: string; password: string } | { kind: 'header'; name: string; value: string };

const SHORTEST_SECRET = 16;
const CREDENTIAL = 'LINK Callback Access';

/** @throws {StepProblem} naming the field as the credential's form shows it */
export function readCallbackAccess(raw: unknown): CallbackAccess {
	const read = readSettings(accessShape, raw, CREDENTIAL, labels);
	const { kind, userName, password, headerName, headerValue } = read;
	const wrong = (field: string, what: string, hint: string) =>
		new StepProblem(`'${field}' of the ${CREDENTIAL} credential ${what}.`, { field, hint });
	const short = (field: string) =>
		wrong(field, `has fewer than ${SHORTEST_SECRET} characters`, 'Use a long one that nobody can guess.');
	if (kind === 'basic') {
		if (userName === '' || userName.includes(':'))
			throw wrong('User Name', 'is empty or holds a colon', 'Use letters and digits.');
		if (password.length < SHORTEST_SECRET) throw short('Password');
		return { kind, username: userName, password };
	}
	if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/.test(headerName))
		throw wrong(
			'Header Name',
			'is no name of a header',
			'Use letters, digits and hyphens, e.g. x-link-secret.',
		);
	if (headerValue.length < SHORTEST_SECRET) throw short('Header Value');
	return { kind, name: headerName, value: headerValue };
}

/** Reaches out to nobody: only what has been filled in is looked at. */
export const callbackAccessCheck: CredentialCheck = async (_world, settings) => {
	readCallbackAccess(settings);
};

/** What an admin asks for besides the token; undefined: nothing. */
export async function callbackAccess(ctx: StepContext): Promise<CallbackAccess | undefined> {
	const settings = await chosen(ctx, 'linkCallbackApi');
	return settings === undefined ? undefined : readCallbackAccess(settings);
}

async function bringsAccess(ctx: StepContext, { headers }: Received): Promise<boolean> {
	const access = await callbackAccess(ctx);
	if (!access) return true;
	if (access.kind === 'header') return same(headers[access.name.toLowerCase()] ?? '', access.value);
	const wanted = Buffer.from(`${access.username}:${access.password}`).toString('base64');
	const brought = /^Basic\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
	return same(brought, wanted);
}

function same(a: string, b: string): boolean {
	const digest = (text: string) => createHash('sha256').update(text).digest();
	return timingSafeEqual(digest(a), digest(b));
}

/** Every credential but the store is optional here; one that cannot be read just now is not taken for none. */
export function chosen(
	ctx: StepContext,
	name: 'linkMyLinkApi' | 'linkCommonApi' | 'linkMultichannelApi' | 'linkCallbackApi',
): Promise<unknown> {
	return ctx.credentials(name).catch((cause: unknown) => {
		if (cause instanceof StepProblem) return undefined;
		throw cause;
	});
}
