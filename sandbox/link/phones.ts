/** The phones of the test persons: every SMS to and from each number. */

export interface Sms {
	id: string;
	from: 'organisation' | 'person';
	/** The organisation's side: the sender of what came in, the number that a reply went to. */
	organisation: string;
	text: string;
	/** Sandbox time. */
	at: number;
	/** What LINK reports of it; null for replies. */
	status: 'scheduled' | 'sent' | 'delivered' | 'failed' | 'rejected' | null;
	code: number | null;
	referenceId: string | null;
	segments: number;
	encoding: string;
	/** Came by MyLINK Multichannel: `rcs`, `whatsapp`, `sms` … Replies go back that way. */
	channel?: string;
	/** What can be tapped. */
	buttons?: Array<{ caption: string; postback?: string | undefined }>;
}

export class Phones {
	private readonly phones = new Map<string, Sms[]>();

	of(number: string): Sms[] {
		return this.phones.get(number) ?? [];
	}

	add(number: string, sms: Sms): void {
		const phone = this.phones.get(number);
		if (phone) phone.push(sms);
		else this.phones.set(number, [sms]);
	}

	empty(): void {
		this.phones.clear();
	}
}
