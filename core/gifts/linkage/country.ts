/**
 * Roughly how common names are in Norway, per 100 000 people: for registers that are too small to tell, or have not been
 * counted yet. Rounded, from what is generally known of name statistics; the register's own counts soon outweigh it.
 */
import { fold } from './fold';

const FAMILY = `hansen 960|johansen 900|olsen 900|larsen 680|andersen 680|pedersen 630|nilsen 630|kristiansen 420|jensen 410|
karlsen 380|johnsen 370|pettersen 360|eriksen 350|berg 330|haugen 270|hagen 260|johannessen 240|andreassen 220|jacobsen 210|
dahl 200|jørgensen 200|henriksen 195|lund 195|halvorsen 190|sørensen 180|jakobsen 175|moen 170|gundersen 165|iversen 160|
strand 145|solberg 140|svendsen 135|martinsen 130|eide 130|knutsen 125|paulsen 120|bakken 120|kristoffersen 115|mathisen 110|
lie 110|rasmussen 105|amundsen 105|lunde 100|kristensen 100|bakke 98|berge 96|moe 95|nygård 94|fredriksen 92|solheim 92|
holm 90|lien 90|hauge 88|christensen 86|andresen 85|nguyen 85|knudsen 84|nielsen 82|evensen 80|sæther 80|aas 78|hanssen 78|
myhre 76|haugland 75|thomassen 74|simonsen 73|sivertsen 73|ali 72|berntsen 72|danielsen 70|arnesen 70|sandvik 68|rønning 66|
næss 64|ødegård 62|vik 62|antonsen 60|gulbrandsen 60|ahmed 58|tveit 58|olafsen 56|larssen 55|mohamed 54|isaksen 54|hermansen 54|
aune 50|torgersen 50|mikkelsen 50|ellingsen 50|ruud 49|strøm 48|ludvigsen 46|edvardsen 46|nordby 46|foss 45|khan 45|gjerde 42|
engen 42|myklebust 42|helland 41|bråthen 40|eliassen 40|ottesen 38|brekke 36|rød 20|hussain 30|singh 30|tran 28|pham 18|wold 34|
holen 24|fossum 22|skoglund 20|vold 30|birkeland 36|hovland 34|lorentzen 32|skaar 24|thorsen 48|wilhelmsen 30|abrahamsen 40`;

const GIVEN = `anne 1150|jan 930|per 700|bjørn 620|inger 560|kari 440|marit 430|ingrid 430|liv 420|lars 640|kjell 560|knut 520|
svein 520|arne 560|thomas 520|hans 480|geir 470|tor 460|morten 440|terje 430|odd 430|erik 410|martin 430|john 420|andreas 420|
anders 400|eva 400|rolf 300|leif 400|ole 400|jon 280|nils 300|tore 290|kristian 310|marianne 320|bente 310|berit 340|
astrid 320|hilde 330|solveig 320|bjørg 300|kristin 320|randi 320|nina 310|heidi 300|marie 300|anna 320|ida 270|elisabeth 310|
elin 230|ellen 240|wenche 210|tone 210|tove 200|ragnhild 220|gerd 220|grete 160|grethe 120|maria 290|hanne 200|karin 220|
rune 300|øyvind 280|stian 200|magnus 230|håkon 190|henrik 270|daniel 280|alexander 270|kristoffer 180|jonas 220|trond 290|
stein 250|frode 230|roger 210|tom 260|espen 220|einar 200|harald 200|gunnar 240|olav 230|helge 220|steinar 180|sigurd 120|
torbjørn 130|vidar 120|ivar 130|emil 150|sander 150|mathias 170|markus 150|tobias 130|jakob 140|oliver 150|william 150|
lucas 120|noah 120|filip 110|mohammed 130|mohammad 80|ali 60|ahmed 50|silje 200|linda 220|monica 200|camilla 190|lene 180|
trine 170|julie 190|emma 220|sara 220|nora 200|sofie 160|thea 150|hanna 150|ingeborg 150|marte 110|line 130|anita 150|
gro 130|mona 130|lise 130|bodil 80|unni 130|turid 130|sissel 120|aud 110|siri 110|guro 40|maja 80|emilie 140|amalie 90|
cecilie 90|mari 110|anette 100|stine 100|siv 120|merete 80|ruth 110|else 150|signe 80|jorunn 90|torill 80|synnøve 60|
simen 100|fredrik 140|eirik 130|christian 140|kenneth 150|robert 110|andré 90|dag 140|sverre 110|alf 130|kåre 130|reidar 110|
egil 110|arvid 90|roy 80|ronny 60|jostein 50|asbjørn 60|johannes 100|sebastian 130|benjamin 110|adrian 110|elias 100|theodor 70`;

function table(text: string): ReadonlyMap<string, number> {
	const shares = new Map<string, number>();
	for (const entry of text.split('|')) {
		const [name = '', per = '0'] = entry.trim().split(' ');
		const key = fold(name);
		shares.set(key, (shares.get(key) ?? 0) + Number(per) / 100_000);
	}
	return shares;
}

export const familyNames = table(FAMILY);
export const givenNames = table(GIVEN);
/** Of the names that are not among those. */
export const RARE_FAMILY = 5e-6;
export const RARE_GIVEN = 2e-5;

export const cities: ReadonlyMap<string, number> = new Map(
	Object.entries({
		oslo: 0.13,
		bergen: 0.053,
		trondheim: 0.038,
		stavanger: 0.026,
		kristiansand: 0.021,
		drammen: 0.019,
		sandnes: 0.015,
		fredrikstad: 0.015,
		tromsø: 0.014,
		skien: 0.01,
		ålesund: 0.011,
		sandefjord: 0.011,
		bodø: 0.009,
		arendal: 0.008,
	}).map(([name, of]) => [fold(name), of]),
);
export const RARE_CITY = 0.002;
export const RARE_POSTAL_CODE = 0.0004;
