/**
 * Names and how common they are in Norway, rounded, as the public statistics of names tell them (bearers in thousands).
 * The many rare names are put together from what Norwegian names are put together from.
 */

/** Family names borne by most, in thousands. */
export const COMMON_FAMILY_NAMES = `Hansen 50.3 Olsen 48 Johansen 47.5 Larsen 36.4 Andersen 36.2 Pedersen 33.5 Nilsen 33.2
Kristiansen 22.7 Jensen 22.3 Karlsen 20.6 Johnsen 20.1 Pettersen 19.4 Eriksen 18.7 Berg 17.9 Haugen 14.1 Hagen 14
Johannessen 13 Andreassen 12.1 Jacobsen 11.7 Dahl 11.6 Jørgensen 11.4 Halvorsen 11.3 Henriksen 11.1 Lund 11 Sørensen 10
Jakobsen 9.8 Moen 9.6 Gundersen 9.4 Iversen 9.1 Strand 8.7 Solberg 8.6 Martinsen 8.2 Svendsen 8.2 Eide 7.9 Knutsen 7.8
Bakken 7.7 Kristoffersen 7.5 Mathisen 7.5 Lie 7.3 Amundsen 7.1 Rasmussen 6.8 Bakke 6.7 Lunde 6.6 Moe 6.6 Berge 6.5
Nygård 6.1 Fredriksen 5.9 Solheim 5.9 Lien 5.8 Holm 5.8 Hauge 5.7 Christensen 5.7 Andresen 5.6 Nielsen 5.5 Knudsen 5.4
Evensen 5.3 Sæther 5.2 Aas 5.2 Myhre 5.1 Haugland 5.1 Hanssen 5.1 Thomassen 5 Simonsen 5 Sivertsen 4.9 Berntsen 4.9
Danielsen 4.8 Arnesen 4.8 Rønning 4.8 Sandvik 4.8 Næss 4.7 Antonsen 4.7 Haug 4.6 Ellingsen 4.5 Edvardsen 4.5 Vik 4.5
Thorsen 4.5 Isaksen 4.4 Gulbrandsen 4.4 Ruud 4.3 Aasen 4.3 Strøm 4.2 Myklebust 4.2 Tangen 4.2 Ødegård 4.1 Eliassen 4.1
Helland 4 Jenssen 4 Bøe 4 Aune 4 Mikkelsen 3.9 Tveit 3.9 Brekke 3.9 Abrahamsen 3.9 Birkeland 3.8 Bråten 3.7 Madsen 3.7
Christiansen 3.7 Ødegaard 3.6 Nygaard 3.5 Sæter 2.1 Bråthen 3.2 Engen 3.4 Paulsen 3.6 Gjerde 3.1 Ås 1.2 Olsson 1.1
Johnson 1.3 Johansson 1.6 Petersen 2.9 Carlsen 2.6 Larssen 1.7 Erichsen 1.6 Fossum 2.4 Mæland 1.3 Bjerke 2.3 Sørlie 2.5`;

/** The beginnings and endings of farm names, and what stands between them. */
export const FARM_STEMS = `Skau Hauke Lind Sol Nord Sør Vest Øst Dal Bjørk Ask Alm Eik Furu Gran Kvist Kvam Lang Brei
Stor Litle Ny Gammel Opp Ned Inn Ut Mid Mo Myr Tjern Vass Elv Bekk Foss Stein Berg Hell Fjell Li Bakk Hag Gjerd Tun Tveit
Rud Røn Brot Svi Brenn Kol Tjær Smed Møll Kvern Sag Båt Nav Vik Sund Nes Holm Øy Sand Leir Grus Mel Torp Hov Lo Ull Frøy
Tor Odin Balder Aur Gull Sølv Jern Kirke Prest Munk Kross Klokk Skole Konge Grev Ridder Hest Folla Kalv Geit Bukk Lam Rev
Ulv Bjørn Elg Hjort Rein Ørn Hauk Due Trane Svane Lom And Ravn Kråk Spurv Laks Aure Sild Torsk Havre Bygg Rug Hvete Lin
Hamp Neper Rogn Selje Hegg Hassel Or Osp Pil Barlind Einer Lyng Bær Tyte Blå Raud Kvit Svart Grå Grøn Gul Mør Lys Kald Varm
Våt Tørr Dyp Grunn Høg Låg Bratt Slett Krok Rett Rund Firk Skar Klev Kløv Gjel Jut Tro Alv Hulder Nøkk Drag Asle Gunn Sig
Tore Arn Håv Aslak Reid Ketil Gaute Eivind Hall Hol Kles Fin Sem Ham Ler Vet Fjær Rygg`;
export const FARM_LINKS = ['', 'e', 's', 'er', 'a'] as const;
export const FARM_ENDINGS = `land stad heim rud gerud set seth vik nes berg dal haug moen bakken lien myr mo um aas ås støl
voll tun hagen bø by sund øy holm eng lund vang tveit tvedt rød dalen strand eide vold løkken slett gård skog`;

/** Given names: name, then bearers in thousands among those born before 1955, until 1985, and later. */
export const WOMEN = `Anne 22 30 6,Inger 22 7 0.2,Kari 15 8 0.3,Marit 13 8 0.2,Ingrid 9 5 8,Liv 13 4 4,Eva 7 6 2,Berit 12 5
0.1,Astrid 8 1.5 4,Bjørg 12 1 0,Hilde 2 17 0.4,Anna 6 3 11,Solveig 9 2 2,Marianne 3 15 0.8,Randi 10 5 0.1,Ida 2 3 15,Nina 3
14 2,Maria 3 6 10,Elisabeth 4 10 2,Kristin 2 14 1.5,Bente 3 14 0.1,Heidi 1 15 0.8,Silje 0 6 10,Hanne 1 8 5,Linda 0.5 11 2,Tone
2 13 0.4,Anita 1.5 13 0.5,Tove 7 7 0.1,Gerd 10 0.8 0,Wenche 6 7 0.1,Ragnhild 6 2.5 2,Camilla 0.1 6 8,Ellen 4 6 1,Karin 6 5
0.2,Hege 0.1 11 0.7,Ann 2 9 0.3,Else 9 1 0.1,Mona 1 10 0.3,Marie 4 2 6,Aud 8 1.5 0,Monica 0.1 9 0.6,Julie 1 0.8 12,Kristine
1 4 9,Turid 8 3 0,Laila 4 6 0.1,Reidun 8 0.8 0,Stine 0.1 4 7,Helene 0.8 2.5 6,Åse 6 3 0.1,Jorunn 5 3 0,Sissel 5 5 0,Mari 2 3
5,Line 0.1 6 5,Lene 0.3 8 2,Mette 1 9 0.3,Grethe 5 4 0,Trine 0.3 8 2.5,Unni 4 5 0,Malin 0 1 10,Grete 4 3 0,Thea 0.2 0.3
10,Gunn 3 5 0.1,Emma 0.8 0.2 14,Nora 1.5 0.3 14,Kirsten 5 2 0.1,Sara 0.5 1.5 12,Maja 0 0.2 8,Sofie 0.4 0.5 11,Emilie 0.2 0.4
10,Amalie 0.2 0.2 8,Vilde 0 0.3 8,Ingeborg 3 1.2 4,Gro 2 6 0.1,Elin 1.5 8 2.5,Siri 1 4 3,Vigdis 3 3 0.1,Torill 4 3 0,Britt 5
4 0,Lise 2 7 1,Rita 1.5 6 0.3,Ruth 5 0.8 0.4,Margit 3 0.5 0.1,Irene 2 6 1,Jenny 2 0.6 6,Frida 0.5 0.6 7,Martine 0 0.8 7,Karoline
0.2 1.2 7,Kaja 0 0.5 6,Tonje 0 3 5,Ingvild 0.2 3 5,Marte 0.1 2 6,Maren 0.5 1 6,Hedda 0.1 0.1 6,Ella 0.8 0.1 8,Leah 0 0
6,Olivia 0 0.1 8,Sunniva 0 0.4 4,Guro 0.1 1.2 3,Synnøve 2 1.2 1,Borghild 2.5 0.2 0,Gunvor 4 0.4 0,Dagny 2 0.2 0.1,Oddny 2 0.6
0,Signe 2 0.3 3,Selma 0.3 0 5,Agnes 2 0.3 3,Tiril 0 0.4 4,Mia 0 0.2 7,Mathilde 0.3 0.3 7,Lisbeth 3 4 0,Katrine 0.3 2 3,Johanne
1.5 0.8 5,Margrethe 2 1.5 1.2,Susanne 0.2 2.5 2,Charlotte 0.3 3 2,Victoria 0.1 0.8 5,Henriette 0.1 1.8 3,Magdalena 0.2 0.5 1,Josefine
0.1 0.2 4,Tine 0.1 1.5 1.5,Christine 0.8 4 4,Kathrine 0.2 2 1.5,Cathrine 0.2 4 1.2,Lillian 2 2.5 0.1,Vibeke 0.3 5 0.4,Renate 0.3
3.5 0.6,Merete 0.3 4.5 0.3,Siv 2.5 5 0.3,Åshild 1.5 1.5 0.3,Ågot 0.8 0.1 0.1,Bodil 2.5 1.2 0.1,Målfrid 2 0.2 0,Herdis 1.5 0.4 0.1`;

export const MEN = `Jan 22 20 0.5,Per 18 11 0.8,Bjørn 15 12 1,Ole 10 7 7,Lars 7 11 6,Kjell 20 5 0.1,Knut 12 8 0.8,Svein 16 10
0.1,Arne 15 5 0.3,Thomas 1.5 11 9,Geir 3 20 0.3,Hans 11 4 2,Morten 2 18 1.5,Tor 9 9 0.7,Martin 2 4 12,Terje 7 13 0.2,Odd 12 2
0.1,Erik 5 7 5,Anders 2 9 9,Andreas 0.8 4 14,John 8 7 2,Rune 1.5 16 0.6,Trond 3 14 0.2,Tore 6 8 0.8,Daniel 0.3 3 14,Jon 4 4
4,Kristian 2 4 10,Marius 0.4 4 12,Tom 3 12 1,Stian 0.1 7 9,Harald 6 2.5 0.8,Magnus 1 1.5 12,Olav 7 3 3,Rolf 11 3 0.1,Eirik 0.5
4 9,Gunnar 10 2 0.8,Leif 11 3 0.2,Nils 6 2.5 2,Helge 5 5 0.2,Øyvind 3 9 2.5,Espen 0.3 10 4,Einar 7 1 2,Steinar 4 7 0.2,Frode
0.4 11 0.6,Christian 0.8 5 5,Fredrik 0.8 2.5 10,Alexander 0.3 1.5 13,Jonas 0.2 1.5 12,Kristoffer 0.1 3 10,Henrik 1 2.5 11,Kåre
8 0.8 0.1,Sindre 0 1.5 7,Håkon 3 2.5 6,Torbjørn 3 4 1,Sverre 5 1.2 2,Roger 1 8 0.2,Ivar 4 3 0.8,Egil 6 1.5 0.2,Reidar 7 0.9
0.1,Sigurd 4 0.8 5,Oddvar 4 1.2 0,Emil 0.4 0.3 11,Jakob 1.5 0.4 9,Noah 0 0.1 9,William 0.5 0.4 10,Lucas 0 0.1 9,Oliver 0 0.2
10,Elias 0.2 0.3 9,Filip 0 0.2 7,Aksel 0.6 0.1 6,Oskar 0.9 0.1 7,Mathias 0.1 1 11,Tobias 0.1 0.3 9,Sander 0 0.2 9,Simen 0 1.2
7,Vegard 0.2 4 5,Roy 1 6 0.3,Kenneth 0.2 8 1.5,Raymond 0.4 4 0.3,Ronny 0.1 6 0.5,Dag 4 7 0.2,Finn 7 2 0.7,Karl 5 1.5 1.5,Johan
4 1.2 6,Johannes 4 1.2 4,Nikolai 0.2 0.4 5,Robert 0.6 5 3,Michael 0.4 4 3,Pål 0.8 4 1,Asbjørn 4 1.2 0.3,Asgeir 1 1.6 0.6,Bjarne
5 0.6 0.1,Trygve 3 0.5 1.5,Halvor 1.5 1.2 1.6,Arvid 3 1.8 0.2,Arild 2.5 6 0.1,Alf 5 1.5 0.2,Asle 0.8 2 0.3,Audun 0.6 1.6
1.2,Benjamin 0.1 1 8,Jonathan 0 0.3 4,Joakim 0.1 1.6 5,Sebastian 0 0.4 8,Even 0.2 0.8 4,Erlend 0.2 2 3,Eivind 1.5 2.5 4,Gard 0
0.3 2,Gaute 0.2 1.5 0.8,Kai 0.8 3 0.3,Kjetil 0.4 6 1.2,Ketil 0.4 1 0.2,Lasse 0.3 2 1,Mads 0.1 0.8 5,Ottar 1.5 0.3 0.1,Peder
0.8 0.4 2,Petter 1 3 3,Sigbjørn 1.2 0.8 0.1,Sigmund 2 0.5 0.2,Stein 2.5 4 0.1,Ståle 0.5 2.5 0.2,Torgeir 1 1.2 0.7,Torstein 1.2
1.4 1.2,Vidar 1.5 5 0.8,Øystein 1.5 5 1.2,Åge 3 0.7 0.1,Ådne 0.3 0.3 0.3,Viljar 0 0 2.5,Jørgen 0.8 2.5 7,Wilhelm 0.6 0.2 0.8`;

/** The rare ones: what Norse names are put together from. */
export const NORSE_BEGINNINGS =
	'Tor Arn Gun Sig Ing Rag Asl Hall Stein Berg Odd Ey Her Hjal Al Brynj Gud Ketil Vil Dag Frøy Sol Alv Bår Eld'.split(
		' ',
	);
export const NORSE_WOMEN = 'hild bjørg unn veig borg dis rid gerd frid vor laug ny'.split(' ');
export const NORSE_MEN = 'leif stein var geir finn mund bjørn ulf vald grim kjell mar'.split(' ');

/** Peoples that have come here: share of the population in per cent, their names, and how the family name goes. */
export interface People {
	share: number;
	women: readonly string[];
	men: readonly string[];
	families: readonly string[];
	/** Family names put together from these, by the bearer's gender where the language does so. */
	stems?: readonly string[];
	endings?: ReadonlyArray<readonly [man: string, woman: string]>;
}
const words = (text: string) => text.split(/\s+/);

export const PEOPLES: readonly People[] = [
	{
		share: 2.2,
		women: words(
			'Anna Katarzyna Małgorzata Agnieszka Ewa Monika Joanna Magdalena Barbara Karolina Paulina Zofia Dorota Beata',
		),
		men: words(
			'Piotr Krzysztof Andrzej Tomasz Paweł Michał Marcin Jakub Grzegorz Łukasz Mateusz Wojciech Adam Rafał Kamil',
		),
		families: words('Nowak Wójcik Kowalczyk Mazur Krawczyk Kaczmarek Zając Król Wróbel Pawlak Dudek Sikora'),
		stems: words(
			'Kowal Wiśniew Kamiń Lewandow Zieliń Szymań Dąbrow Kozłow Jankow Wojciechow Kwiatkow Piotrow Grabow Nowakow Pawłow Michal Jabłoń Majew Olszew Jaworow Malinow Stęp Górow Sadow Zalew Chmielew Borkow Czerwiń Sokołow Urbań',
		),
		endings: [
			['ski', 'ska'],
			['icz', 'icz'],
			['czyk', 'czyk'],
		],
	},
	{
		share: 1.1,
		women: words('Amina Fatima Halima Khadra Sahra Hodan Ayaan Asha Maryan Faduma Ifrah Nasra Hibo Deqa'),
		men: words(
			'Mohamed Ahmed Abdi Ali Hassan Abdullahi Omar Ibrahim Yusuf Ismail Mahamed Abdirahman Said Mustafa',
		),
		families: words(
			'Mohamed Ali Ahmed Hassan Abdi Omar Hussein Ibrahim Yusuf Abdullahi Osman Warsame Farah Jama Aden Nur Isse Adan Mohamud Elmi',
		),
	},
	{
		share: 1.4,
		women: words('Fatima Aisha Maryam Zainab Sana Nadia Saima Ayesha Amna Rabia Hina Noor Farah Samina'),
		men: words(
			'Mohammad Ali Muhammad Ahmed Imran Bilal Usman Hamza Asif Tariq Kashif Adeel Faisal Khalid Nadeem',
		),
		families: words(
			'Khan Ahmed Hussain Ali Malik Butt Akhtar Iqbal Mahmood Mirza Chaudhry Shah Raja Sheikh Rashid Anwar Bashir Qureshi Aslam Javed',
		),
	},
	{
		share: 1.5,
		women: words('Fatima Zahra Noor Mariam Layla Hanan Rania Sara Huda Amal Samira Yasmin Rana Dalal Nour'),
		men: words(
			'Mohammed Ahmad Omar Khaled Mahmoud Hassan Hussein Ibrahim Yousef Mustafa Abdullah Karim Samir Bashar',
		),
		families: words(
			'Ibrahim Hassan Mohammed Khalil Al-Masri Hamid Mahmoud Saleh Al-Hassan Aziz Karimi Rahimi Ahmadi Hosseini Moradi Nasser Mansour Haddad Youssef Rezai',
		),
	},
	{
		share: 0.5,
		women: words('Thi Huong Linh Lan Mai Hoa Thuy Ngoc Trang Anh Phuong Kim Thao Nga'),
		men: words('Van Minh Duc Tuan Hung Thanh Quang Long Hai Nam Son Dung Hieu Khoa'),
		families: words('Nguyen Tran Le Pham Huynh Hoang Phan Vu Vo Dang Bui Do Ho Ngo Duong Ly'),
	},
	{
		share: 0.8,
		women: words('Selam Rahel Saba Helen Miriam Senait Almaz Tsega Luwam Hiwot Feven Yordanos'),
		men: words('Yonas Samuel Daniel Tesfay Abraham Filmon Mehari Kidane Robel Berhane Haile Biniam'),
		families: words(
			'Tesfay Haile Gebremedhin Kidane Berhe Mehari Weldu Tekle Abraha Habte Tesfamariam Kahsay Ghebreyesus Teklu Okbay',
		),
	},
	{
		share: 1.6,
		women: words(
			'Anna Maria Eva Karin Kristina Birgitta Malin Ulrika Sabine Petra Claudia Emma Sarah Laura Jurgita Rasa Daiva Ieva',
		),
		men: words(
			'Lars Karl Johan Anders Mikael Peter Stefan Andreas Wolfgang Klaus David James Paul Mantas Tomas Jonas Darius Andrius',
		),
		families: words(
			'Andersson Johansson Karlsson Nilsson Eriksson Larsson Olsson Persson Svensson Gustafsson Müller Schmidt Schneider Fischer Weber Smith Jones Taylor Brown Kazlauskas Petrauskas Jankauskas Stankevičius Butkus Lindqvist Bergström',
		),
	},
];

/** What people are called for short, and how else their names are spelled. */
export const CALLED: Readonly<Record<string, readonly string[]>> = {
	Elisabeth: ['Lisbeth', 'Lise', 'Elise', 'Beth'],
	Katrine: ['Trine', 'Cathrine', 'Kathrine'],
	Kathrine: ['Trine', 'Katrine'],
	Cathrine: ['Trine', 'Katrine'],
	Kristine: ['Stine', 'Christine', 'Tine'],
	Christine: ['Kristine', 'Stine'],
	Kristin: ['Kirsten', 'Christin'],
	Johanne: ['Hanne'],
	Margrethe: ['Grethe', 'Grete'],
	Wilhelm: ['Willy', 'Ville'],
	Alexander: ['Alex', 'Aleksander', 'Sander'],
	Thomas: ['Tom', 'Tomas'],
	Kristoffer: ['Kris', 'Christoffer'],
	Kristian: ['Kris', 'Christian'],
	Christian: ['Kristian', 'Chris'],
	Nikolai: ['Niko', 'Nicolai'],
	Fredrik: ['Fred', 'Fredric'],
	Jonathan: ['Jon'],
	Benjamin: ['Ben'],
	Daniel: ['Dan'],
	Robert: ['Robbie'],
	Michael: ['Mikael', 'Mike'],
	William: ['Willy', 'Bill'],
	Ingeborg: ['Inga', 'Bolla'],
	Ragnhild: ['Ragna'],
	Gunnhild: ['Gunn'],
	Solveig: ['Solvei', 'Sol'],
	Magdalena: ['Lena', 'Magda'],
	Karoline: ['Line', 'Caroline'],
	Marianne: ['Mari', 'Nanne'],
	Torbjørn: ['Tor', 'Torbjorn'],
	Sigbjørn: ['Sigge'],
	Oddvar: ['Odd'],
	Victoria: ['Vicky', 'Viktoria'],
	Susanne: ['Sanne', 'Susann'],
	Charlotte: ['Lotte'],
	Henriette: ['Jette'],
	Josefine: ['Josephine', 'Fine'],
	Camilla: ['Kamilla', 'Milla'],
	Anne: ['Ann', 'Anna'],
	Jon: ['John'],
	John: ['Jon'],
	Erik: ['Eirik', 'Eric'],
	Eirik: ['Erik'],
	Håkon: ['Haakon'],
	Åse: ['Aase'],
	Pål: ['Paal'],
	Kåre: ['Kaare'],
	Åge: ['Aage'],
	Oskar: ['Oscar'],
	Filip: ['Philip'],
	Jakob: ['Jacob'],
	Mathias: ['Matias'],
	Lucas: ['Lukas'],
	Sofie: ['Sophie'],
	Sara: ['Sarah'],
	Øystein: ['Øistein'],
	Øyvind: ['Øivind', 'Eyvind'],
	Mohammed: ['Mohamed', 'Muhammad', 'Mohammad', 'Mo'],
	Mohamed: ['Mohammed', 'Mahamed'],
	Mohammad: ['Mohammed', 'Muhammed'],
	Muhammad: ['Mohammad', 'Muhammed'],
	Hussein: ['Hussain', 'Husein'],
	Yousef: ['Yusuf', 'Youssef'],
	Yusuf: ['Yousuf'],
	Aisha: ['Ayesha', 'Aicha'],
	Fatima: ['Fatma', 'Fatema'],
	Krzysztof: ['Kris', 'Krzystof'],
	Małgorzata: ['Gosia'],
	Katarzyna: ['Kasia'],
	Agnieszka: ['Aga'],
	Aleksander: ['Alex'],
};

/** Streets that everybody has, and what others are made of. Post towns stand with their weight and postal codes. */
export const STREETS = `Storgata Kirkeveien Skoleveien Parkveien Strandveien Solveien Skogveien Bjørkeveien Furuveien
Granveien Industriveien Stasjonsveien Fjellveien Åsveien Elveveien Myrveien Haugveien Bakkegata Nygata Kongens.gate
Dronningens.gate Havnegata Jernbanegata Torggata Engveien Moveien Lindeveien Rogneveien Blåbærstien Tyttebærveien`;
export const STREET_ENDINGS = [
	'veien',
	'gata',
	'vegen',
	'bakken',
	'stien',
	'lia',
	'tunet',
	'svingen',
] as const;

/** Name, weight (thousand inhabitants), first and last postal code. */
export const TOWNS: ReadonlyArray<readonly [string, number, number, number]> = [
	['Oslo', 700, 150, 1295],
	['Bergen', 290, 5003, 5179],
	['Trondheim', 210, 7010, 7099],
	['Stavanger', 145, 4005, 4099],
	['Drammen', 102, 3003, 3058],
	['Kristiansand', 113, 4608, 4699],
	['Fredrikstad', 84, 1601, 1679],
	['Sandnes', 82, 4306, 4328],
	['Tromsø', 77, 9006, 9027],
	['Sarpsborg', 59, 1701, 1747],
	['Skien', 55, 3701, 3749],
	['Bodø', 53, 8003, 8050],
	['Sandefjord', 65, 3208, 3244],
	['Ålesund', 58, 6002, 6028],
	['Larvik', 48, 3256, 3288],
	['Arendal', 45, 4836, 4862],
	['Tønsberg', 57, 3110, 3173],
	['Haugesund', 38, 5515, 5538],
	['Porsgrunn', 37, 3910, 3949],
	['Moss', 50, 1501, 1539],
	['Hamar', 32, 2315, 2326],
	['Lillehammer', 28, 2609, 2629],
	['Molde', 32, 6409, 6429],
	['Gjøvik', 30, 2815, 2827],
	['Halden', 31, 1751, 1793],
	['Harstad', 25, 9400, 9419],
	['Kongsberg', 28, 3601, 3624],
	['Horten', 27, 3179, 3192],
	['Jessheim', 42, 2050, 2069],
	['Lillestrøm', 88, 2000, 2029],
	['Asker', 95, 1383, 1397],
	['Sandvika', 125, 1300, 1369],
	['Ski', 60, 1400, 1424],
	['Steinkjer', 24, 7709, 7739],
	['Alta', 21, 9506, 9518],
	['Narvik', 21, 8501, 8519],
	['Mo i Rana', 26, 8610, 8630],
	['Kristiansund', 24, 6507, 6524],
	['Elverum', 21, 2406, 2418],
	['Førde', 22, 6800, 6823],
	['Voss', 16, 5700, 5719],
	['Leirvik', 19, 5401, 5417],
	['Bryne', 19, 4340, 4349],
	['Egersund', 15, 4370, 4379],
	['Mandal', 23, 4513, 4519],
	['Grimstad', 24, 4876, 4898],
	['Notodden', 13, 3674, 3684],
	['Hønefoss', 31, 3510, 3520],
	['Kongsvinger', 18, 2208, 2219],
	['Vadsø', 6, 9800, 9811],
];
