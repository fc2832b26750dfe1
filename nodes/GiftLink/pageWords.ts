/** What the page of a gift link says, in the giver's language. */
import { kronerText } from '../LinkPayment/kroner';

export interface GiftWords {
	language: 'nb' | 'en';
	title: string;
	give(ore: number): string;
	giveOpen: string;
	amount: string;
	kroner: string;
	limits(least: number, most: number): string;
	opens: string;
	unknown: string;
	unknownWhy: string;
	expired: string;
	expiredWhy: string;
	trial: string;
	trialWhy: string;
	paid: string;
	paidWhy: string;
	waiting: string;
	waitingWhy: string;
	look: string;
	ended: string;
	endedWhy: string;
	later: string;
	laterWhy: string;
	refused: string;
	refusedWhy: string;
	tooMany: string;
	tooManyWhy: string;
	amountWrong: { unreadable: string; tooLittle(least: number): string; tooMuch(most: number): string };
}

const nb: GiftWords = {
	language: 'nb',
	title: 'Gi med Vipps',
	give: (ore) => `Gi ${kronerText(ore)} kr med Vipps`,
	giveOpen: 'Gi med Vipps',
	amount: 'Beløp',
	kroner: 'kr',
	limits: (least, most) => `Fra ${kronerText(least)} til ${kronerText(most)} kroner.`,
	opens: 'Du betaler i Vipps. Ingenting er betalt før du har godkjent der.',
	unknown: 'Lenken virker ikke',
	unknownWhy: 'Se etter at hele lenken kom med, slik den sto i meldingen.',
	expired: 'Lenken er gått ut',
	expiredWhy: 'Den gjaldt bare en tid. Det er ikke betalt noe med den.',
	trial: 'En prøvelenke',
	trialWhy: 'Slik ser lenken ut når flyten prøves ut. Det kan ikke betales med den.',
	paid: 'Takk for gaven!',
	paidWhy: 'Betalingen er godkjent. Du kan lukke siden.',
	waiting: 'Ikke ferdig ennå',
	waitingWhy: 'Vi har ikke hørt fra Vipps at betalingen er godkjent.',
	look: 'Se etter igjen',
	ended: 'Ingenting er betalt',
	endedWhy: 'Betalingen ble avbrutt eller tok for lang tid. Du kan prøve igjen.',
	later: 'Vipps svarer ikke akkurat nå',
	laterWhy: 'Prøv igjen om et øyeblikk. Det blir ikke betalt to ganger.',
	refused: 'Det går ikke å betale her nå',
	refusedWhy: 'Vi har fått beskjed om det. Ingenting er betalt.',
	tooMany: 'Lenken er brukt for mange ganger i dag',
	tooManyWhy: 'Prøv igjen i morgen. Ingenting er betalt nå.',
	amountWrong: {
		unreadable: 'Skriv beløpet i kroner, som 250 eller 249,50.',
		tooLittle: (least) => `Det minste beløpet er ${kronerText(least)} kroner.`,
		tooMuch: (most) => `Det største beløpet er ${kronerText(most)} kroner.`,
	},
};

const en: GiftWords = {
	language: 'en',
	title: 'Give with Vipps',
	give: (ore) => `Give NOK ${kronerText(ore)} with Vipps`,
	giveOpen: 'Give with Vipps',
	amount: 'Amount',
	kroner: 'NOK',
	limits: (least, most) => `From ${kronerText(least)} to ${kronerText(most)} kroner.`,
	opens: 'You pay in Vipps. Nothing is paid until you have approved it there.',
	unknown: 'The link does not work',
	unknownWhy: 'See that all of the link is there, as it stood in the message.',
	expired: 'The link has run out',
	expiredWhy: 'It was good for some time only. Nothing has been paid by it.',
	trial: 'A trial link',
	trialWhy: 'This is how the link looks when the flow is tried out. Nobody can pay by it.',
	paid: 'Thank you for your gift!',
	paidWhy: 'The payment is approved. You can close this page.',
	waiting: 'Not done yet',
	waitingWhy: 'We have not heard from Vipps that the payment is approved.',
	look: 'Look again',
	ended: 'Nothing has been paid',
	endedWhy: 'The payment was broken off or took too long. You can try again.',
	later: 'Vipps does not answer just now',
	laterWhy: 'Try again in a moment. Nothing is paid twice.',
	refused: 'It is not possible to pay here now',
	refusedWhy: 'We have been told. Nothing has been paid.',
	tooMany: 'The link has been used too many times today',
	tooManyWhy: 'Try again tomorrow. Nothing has been paid now.',
	amountWrong: {
		unreadable: 'Write the amount in kroner, such as 250 or 249.50.',
		tooLittle: (least) => `The smallest amount is ${kronerText(least)} kroner.`,
		tooMuch: (most) => `The largest amount is ${kronerText(most)} kroner.`,
	},
};

/** Norwegian, unless the browser puts another language first. */
export function giftWords(acceptLanguage: string | undefined): GiftWords {
	const first = (acceptLanguage ?? '').split(',')[0]?.trim().toLowerCase() ?? '';
	return first === '' || /^(nb|nn|no|da|sv)\b/.test(first) ? nb : en;
}
