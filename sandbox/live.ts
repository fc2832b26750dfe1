/** What has changed, told to every open page by server-sent events: gathered for a moment, so that a mailing to 5 000 is a few events. */
import type { Request, Response } from 'express';

const GATHER_MS = 120;
/** Above this the page is told "many" and fetches what it shows. */
const NAMED_AT_MOST = 50;

export type Part = 'clock' | 'faults' | 'requests' | 'people' | 'letters' | 'leads' | 'bank';

export class Live {
	private readonly pages = new Set<Response>();
	private readonly parts = new Set<Part>();
	private readonly persons = new Set<number>();
	private timer: NodeJS.Timeout | undefined;

	/** @param snapshot what every event carries besides what changed: the clock and the counters. */
	constructor(private readonly snapshot: () => Record<string, unknown>) {}

	tell(part: Part): void {
		this.parts.add(part);
		this.timer ??= setTimeout(() => this.flush(), GATHER_MS);
	}

	tellPerson(id: number): void {
		this.persons.add(id);
		this.tell('people');
	}

	/** `GET /live` */
	readonly route = (request: Request, response: Response): void => {
		response.writeHead(200, {
			'content-type': 'text/event-stream',
			'cache-control': 'no-store',
			connection: 'keep-alive',
		});
		response.write(
			`retry: 1000\n${this.event({ parts: ['clock', 'faults', 'requests', 'people'], many: true })}`,
		);
		this.pages.add(response);
		request.on('close', () => this.pages.delete(response));
	};

	close(): void {
		clearTimeout(this.timer);
		for (const page of this.pages) page.end();
		this.pages.clear();
	}

	private flush(): void {
		this.timer = undefined;
		const many = this.persons.size > NAMED_AT_MOST;
		const event = this.event({ parts: [...this.parts], many, persons: many ? [] : [...this.persons] });
		this.parts.clear();
		this.persons.clear();
		for (const page of this.pages) page.write(event);
	}

	private event(what: Record<string, unknown>): string {
		return `data: ${JSON.stringify({ ...this.snapshot(), ...what })}\n\n`;
	}
}
