/** Everything that stands in the sandbox, put together. */
import { type TurnableClock, turnableClock } from '../hosts/sandboxClock';
import { Bank, bankFolders } from './bank/bank';
import { Adversus } from './dialer/adversus';
import { Agency } from './dialer/agency';
import { CallFiles } from './dialer/callFiles';
import { Vicidial } from './dialer/vicidial';
import { Faults } from './faults';
import { LinkNetwork } from './link/network';
import { type Credentials, Tokens } from './link/tokens';
import { Multichannel } from './linkMultichannel/stand';
import { CommonNetwork } from './linkCommon/network';
import type { CommonAccount } from './linkCommon/routes';
import { Letterbox } from './letters/letterbox';
import { Live } from './live';
import { MakeAccount } from './make/account';
import { Webhooks } from './make/webhooks';
import { Outgoing } from './outgoing';
import { People } from './people';
import { PingenAccount } from './pingen/account';
import { PrintingHouse } from './print/house';
import { CallLog } from './requests';
import { type Login, SftpDoor } from './sftp/door';
import { Files } from './sftp/files';
import { SmtpInbox } from './smtp/inbox';
import type { UnitKeys } from './vipps/tokens';
import { MSN } from './vipps/units';
import { Vipps } from './vipps/vipps';

/**
 * What to enter in the hosts' credentials to reach the stand-ins. Multichannel takes LINK's too (OAuth2), or its own
 * `secret` as API key.
 */
export const sandboxCredentials: {
	link: Credentials;
	linkCommon: CommonAccount;
	multichannel: Credentials;
	make: Credentials;
	sftp: Login;
	adversus: Credentials;
	vicidial: Credentials;
	pingen: Credentials & { organisationId: string; signingKey: string };
	vipps: UnitKeys;
	/** Merchant-level keys: Donations and Report. */
	vippsReport: Credentials;
	/** Of pages that steps serve themselves; nothing in the sandbox asks for it. */
	page: Login;
} = {
	link: { id: 'sandbox', secret: 'sandbox-secret' },
	linkCommon: {
		id: 'sandbox',
		secret: 'sandbox-password',
		platformId: 'COMMON_API',
		platformPartnerId: 'sandbox',
	},
	multichannel: { id: 'sandbox', secret: 'sandbox-key' },
	make: { id: 'sandbox', secret: 'sandbox-key' },
	sftp: { userName: 'sandbox', password: 'sandbox-secret' },
	adversus: { id: 'sandbox', secret: 'sandbox-secret' },
	vicidial: { id: '6666', secret: 'sandbox' },
	pingen: {
		id: 'sandbox',
		secret: 'sandbox-secret',
		organisationId: '5a4d0b0c-0000-4000-8000-00000000d0b0',
		signingKey: 'sandbox-signing-key',
	},
	vipps: {
		id: 'sandbox',
		secret: 'sandbox-secret',
		subscriptionKey: 'sandbox-subscription-key',
		merchantSerialNumber: MSN,
	},
	vippsReport: { id: 'sandbox-merchant', secret: 'sandbox-secret' },
	page: { userName: 'sandbox', password: 'sandbox-secret' },
};

export interface Counters {
	sms: number;
	segments: number;
	delivered: number;
	notDelivered: number;
	replies: number;
	mails: number;
	bounces: number;
	opens: number;
	clicks: number;
	unsubscribes: number;
	letters: number;
	returned: number;
	leads: number;
	rung: number;
	gifts: number;
	calls: number;
}

export class World {
	readonly clock: TurnableClock;
	readonly live: Live;
	readonly calls: CallLog;
	readonly faults: Faults;
	readonly people: People;
	readonly outgoing: Outgoing;
	readonly tokens = new Tokens(sandboxCredentials.link);
	readonly link: LinkNetwork;
	readonly commonTokens = new Tokens(sandboxCredentials.linkCommon);
	readonly linkCommon: CommonNetwork;
	readonly multichannel: Multichannel;
	readonly webhooks: Webhooks;
	readonly make: MakeAccount;
	readonly smtp: SmtpInbox;
	readonly letterbox: Letterbox;
	readonly files: Files;
	readonly sftp: SftpDoor;
	readonly print: PrintingHouse;
	readonly pingenTokens = new Tokens(sandboxCredentials.pingen);
	readonly pingen: PingenAccount;
	readonly agency: Agency;
	readonly adversus: Adversus;
	readonly vicidial: Vicidial;
	readonly callFiles: CallFiles;
	readonly vipps: Vipps;
	readonly bank: Bank;

	constructor(offset: number) {
		this.clock = turnableClock(offset);
		this.live = new Live(() => ({
			clock: { offset: this.clock.offset(), now: this.clock.now() },
			counters: this.counters(),
		}));
		this.calls = new CallLog(
			() => this.clock.now(),
			() => this.live.tell('requests'),
		);
		this.faults = new Faults(() => this.live.tell('faults'));
		this.people = new People((id) => this.live.tellPerson(id));
		this.outgoing = new Outgoing(this.clock, this.calls);
		this.link = new LinkNetwork(this.clock, this.people, this.faults, this.outgoing);
		this.multichannel = new Multichannel(
			this.clock,
			this.people,
			this.faults,
			this.link.phones,
			this.outgoing,
		);
		this.linkCommon = new CommonNetwork(
			this.clock,
			this.people,
			this.link.phones,
			this.faults,
			this.outgoing,
		);
		this.webhooks = new Webhooks(this.clock, this.outgoing);
		this.make = new MakeAccount(this.clock, this.people, this.webhooks);
		this.smtp = new SmtpInbox(this.clock, this.people);
		this.letterbox = new Letterbox(this.people);
		this.files = new Files(
			() => this.clock.now(),
			['/in', '/out', '/calls', '/calls/in', '/calls/out', ...bankFolders],
		);
		this.print = new PrintingHouse(this.clock, this.files, this.letterbox, this.faults, () =>
			this.live.tell('letters'),
		);
		this.pingen = new PingenAccount(
			this.clock,
			this.letterbox,
			this.outgoing,
			sandboxCredentials.pingen.organisationId,
			() => this.live.tell('letters'),
		);
		const leadsChanged = () => this.live.tell('leads');
		this.agency = new Agency(this.clock, this.people, leadsChanged);
		this.adversus = new Adversus(this.agency, this.outgoing);
		this.vicidial = new Vicidial(this.agency, this.outgoing);
		this.callFiles = new CallFiles(this.clock, this.files, this.agency, leadsChanged);
		this.bank = new Bank(this.clock, this.files, this.faults, () => this.live.tell('bank'));
		this.vipps = new Vipps(
			this.clock,
			this.people,
			this.faults,
			this.outgoing,
			{ unit: sandboxCredentials.vipps, merchant: sandboxCredentials.vippsReport },
			({ unit, ...payout }) => this.bank.payout({ ...payout, handle: unit.handle }),
		);
		this.sftp = new SftpDoor(this.files, sandboxCredentials.sftp, this.faults, this.calls, (path) => {
			this.print.arrived(path);
			this.callFiles.arrived(path);
		});
	}

	counters(): Counters {
		const { sent, segments, delivered, notDelivered, replies } = this.link.counts;
		const sendings = [...this.make.sendings.values()];
		const sum = (of: 'sent' | 'bounces' | 'opens' | 'clicks' | 'unsubscribes') =>
			sendings.reduce((total, sending) => total + sending[of], 0);
		return {
			sms: sent,
			segments,
			delivered,
			notDelivered,
			replies,
			mails: sum('sent') + this.smtp.mails.length,
			bounces: sum('bounces'),
			opens: sum('opens'),
			clicks: sum('clicks'),
			unsubscribes: sum('unsubscribes'),
			letters: this.letterbox.letters.size,
			leads: this.agency.leads.size,
			rung: [...this.agency.leads.values()].reduce((total, lead) => total + lead.calls.length, 0),
			returned: [...this.letterbox.letters.values()].filter(({ state }) => state === 'returned').length,
			gifts: this.vipps.money.payments.size + this.bank.gifts,
			calls: this.calls.count,
		};
	}

	/** Everything that was sent, said and ordered is gone. Who the persons are, the clock and the callback addresses stay. */
	reset(): void {
		this.outgoing.forget();
		this.link.empty();
		this.linkCommon.empty();
		this.multichannel.network.empty();
		this.make.empty();
		this.smtp.empty();
		this.print.empty();
		this.pingen.empty();
		this.letterbox.empty();
		this.files.empty();
		this.agency.empty();
		this.callFiles.empty();
		this.vicidial.doNotCall.clear();
		this.vipps.empty();
		this.bank.empty();
		this.faults.callOff();
		this.calls.clear();
		this.people.empty();
		this.live.tell('people');
	}

	close(): void {
		this.clock.stop();
		this.live.close();
		this.multichannel.callbacks.empty();
		this.outgoing.close();
	}
}
