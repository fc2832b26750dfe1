/**
 * Whether a callback comes from LINK: Ed25519 over `{X-OCM-Timestamp}.{body}` with a key of LINK's published set (section
 * "Signature verification" of the OpenAPI document 5.3.0).
 */
import { type KeyObject, createPublicKey, verify } from 'node:crypto';
import { z } from 'zod/v4';
import type { Clock, Http } from '../../core/ports';

export type Verdict =
	| { verdict: 'genuine' }
	/** For good: the caller is not LINK, or repeats what somebody has recorded. */
	| { verdict: 'refused'; why: string }
	/** Our side cannot tell now: LINK is to tell it again. */
	| { verdict: 'later'; why: string };

/** "Optionally reject requests whose timestamp is older than ~5 minutes." Clocks may differ by as much. */
const FRESH_MS = 300_000;
/** A key that LINK has taken back is not trusted for longer than this. */
const KEYS_KEPT_MS = 24 * 3_600_000;
/** An unknown key id makes us look for new keys, but a stranger's inventions not more often than this. */
const LOOK_AGAIN_MS = 30_000;

/** @param body the uncompressed bytes as they came */
export async function verifySignature(
	{ http, clock }: { http: Http; clock: Clock },
	jwksUrl: string,
	headers: Record<string, string>,
	body: Buffer,
): Promise<Verdict> {
	const timestamp = headers['x-ocm-timestamp']?.trim() ?? '';
	const keyId = headers['x-ocm-key-id']?.trim() ?? '';
	const signature = signatureOf(headers['x-ocm-signature']?.trim() ?? '');
	if (!/^\d{1,12}$/.test(timestamp) || keyId === '' || keyId.length > 200 || !signature)
		return { verdict: 'refused', why: 'without a signature' };
	if (Math.abs(clock.now() - Number(timestamp) * 1_000) > FRESH_MS)
		return { verdict: 'refused', why: 'signed more than five minutes ago (or a clock is wrong)' };
	const found = await keyFor(http, clock, jwksUrl, keyId);
	if ('verdict' in found) return found;
	const signed = Buffer.concat([Buffer.from(`${timestamp}.`, 'utf8'), body]);
	return verify(null, signed, found.key, signature)
		? { verdict: 'genuine' }
		: { verdict: 'refused', why: 'with a signature that does not belong to it' };
}

/** 64 bytes in standard base64; other spellings of the same bytes are not taken. */
function signatureOf(text: string): Buffer | undefined {
	if (!/^[A-Za-z0-9+/]{86}==$/.test(text)) return undefined;
	const bytes = Buffer.from(text, 'base64');
	return bytes.toString('base64') === text ? bytes : undefined;
}

interface KeySet {
	keys: Map<string, KeyObject>;
	/** When LINK was last asked, whether it answered or not. */
	askedAt: number;
	fetchedAt: number;
}

const sets = new Map<string, KeySet>();
const asking = new Map<string, Promise<KeySet>>();

async function keyFor(
	http: Http,
	clock: Clock,
	url: string,
	keyId: string,
): Promise<{ key: KeyObject } | Verdict> {
	const now = clock.now();
	const age = (since: number) => Math.abs(now - since);
	let set = sets.get(url);
	let known = set?.keys.get(keyId);
	const stale = !set || age(set.fetchedAt) > KEYS_KEPT_MS;
	const mayAsk = !set || age(set.askedAt) > LOOK_AGAIN_MS;
	const looked = (stale || !known) && mayAsk;
	if (looked) {
		set = await fetchKeys(http, clock, url, set);
		known = set.keys.get(keyId);
	}
	if (known && age(set!.fetchedAt) <= KEYS_KEPT_MS) return { key: known };
	if (!set || age(set.fetchedAt) > KEYS_KEPT_MS || set.askedAt !== set.fetchedAt)
		return { verdict: 'later', why: "while LINK's signing keys cannot be fetched" };
	return looked
		? { verdict: 'refused', why: 'signed with a key that LINK does not have' }
		: { verdict: 'later', why: 'signed with a key that was not there a moment ago' };
}

function fetchKeys(http: Http, clock: Clock, url: string, before: KeySet | undefined): Promise<KeySet> {
	const running = asking.get(url);
	if (running) return running;
	const fetched = (async (): Promise<KeySet> => {
		const askedAt = clock.now();
		const keys = await keysAt(http, url).catch(() => undefined);
		const set = keys
			? { keys, askedAt, fetchedAt: askedAt }
			: { keys: before?.keys ?? new Map<string, KeyObject>(), askedAt, fetchedAt: before?.fetchedAt ?? 0 };
		sets.set(url, set);
		return set;
	})().finally(() => asking.delete(url));
	asking.set(url, fetched);
	return fetched;
}

const jwks = z.object({ keys: z.array(z.unknown()).max(100) });
const ed25519 = z.object({
	kty: z.literal('OKP'),
	crv: z.literal('Ed25519'),
	kid: z.string().min(1),
	x: z.string().min(1),
});

async function keysAt(http: Http, url: string): Promise<Map<string, KeyObject> | undefined> {
	// LINK wants its answer within seconds; what takes longer is told again.
	const answer = await http({ method: 'GET', url, timeoutMs: 1_200 });
	if (answer.status !== 200) return undefined;
	const set = jwks.safeParse(typeof answer.body === 'string' ? JSON.parse(answer.body) : answer.body);
	if (!set.success) return undefined;
	return new Map(
		set.data.keys.flatMap((one) => {
			const key = ed25519.safeParse(one);
			if (!key.success) return [];
			const { kty, crv, x, kid } = key.data;
			try {
				return [[kid, createPublicKey({ key: { kty, crv, x }, format: 'jwk' })] as const];
			} catch {
				return [];
			}
		}),
	);
}

/** For tests: nothing is known of any keys. */
export function forgetKeys(): void {
	sets.clear();
}
