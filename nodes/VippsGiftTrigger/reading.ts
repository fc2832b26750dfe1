/** What reading from Vipps goes by: the account, from when on, and how far it has come. */
import { createHash } from 'node:crypto';
import type { LetsOut } from '../../core/gifts/incoming';
import { organisationOf } from '../../core/register/organisation';
import type { StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { madeOnce } from '../../providers/callback';
import { type VippsClient, vippsClient } from '../../providers/vipps/client';
import type { Purposes } from '../../providers/vipps/gifts';
import { readVippsReportSettings, readVippsSettings } from '../../providers/vipps/settings';
import { type Parameters, type Source, sinceOf } from './form';

export interface Reading {
	ctx: StepContext;
	params: Parameters;
	store: Store;
	client: VippsClient;
	purposes: Purposes;
	step: LetsOut;
	/** Nothing paid before is taken in (epoch ms). */
	begin: number;
}

export const short = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12);

/** Which keys the step goes by. @throws {StepProblem} naming the credential's field */
export async function clientOf(ctx: StepContext, { keys }: Pick<Source, 'keys'>): Promise<VippsClient> {
	const settings =
		keys === 'merchant'
			? readVippsReportSettings(await ctx.credentials('vippsReportApi'))
			: readVippsSettings(await ctx.credentials('vippsApi'));
	return vippsClient(ctx.http, ctx.clock, settings);
}

export const purposesOf = ({ campaign, options }: Parameters): Purposes => ({ campaign, ...options });

/**
 * Where something is remembered about this step, this account and this reading: with another account, or another
 * beginning, it begins anew, and what is known already stays one.
 */
export function keyOf(
	{ ctx, client, params }: Pick<Reading, 'ctx' | 'client' | 'params'>,
	what: string,
): string {
	const which = short(JSON.stringify([client.account, params.since, params.recipientHandles]));
	return `vipps:${short(ctx.place.step)}:${which}:${what}`;
}

/** The day that the form says, else the moment in which this reading has begun. */
export async function beginOf(
	reading: Pick<Reading, 'ctx' | 'client' | 'params' | 'store'>,
): Promise<number> {
	const { ctx, params, store } = reading;
	const { zone } = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
	const since = sinceOf(params, zone);
	if (since !== undefined) return since;
	return Number(
		await madeOnce(store, keyOf(reading, 'begin'), () => {
			// Vipps writes whole seconds: what is paid in this one is not before it.
			return String(Math.floor(ctx.clock.now() / 1_000) * 1_000);
		}),
	);
}

/** The newest ids that this process has been through, so many at most: a short cut past what it has taken in. */
export class Known {
	private readonly ids = new Set<string>();
	constructor(private readonly most = 50_000) {}
	has(id: string): boolean {
		return this.ids.has(id);
	}
	add(id: string): void {
		this.ids.add(id);
		if (this.ids.size <= this.most) return;
		const [oldest] = this.ids;
		if (oldest !== undefined) this.ids.delete(oldest);
	}
}
