"""The 31 kinds of work of the programme with their sectors and the words people use for them.

A table and nothing else: reading an answer with it is `domain.occupation`. English names are sources for the
catalog; the words are Indonesian, Ambonese and Ternate Malay. Source: domain guide section 9.
"""

from dataclasses import dataclass
from typing import Final

from domain.words import N_


@dataclass(frozen=True)
class Occupation:
    """One kind of work. `name_id` is the English source of its name; `synonyms` are lower-case phrases."""

    code: str
    name_id: str
    sector: str
    synonyms: tuple[str, ...]


def _occupation(code: str, name_id: str, sector: str, synonyms: str) -> Occupation:
    return Occupation(code, name_id, sector, tuple(phrase.strip() for phrase in synonyms.split(",")))


OCCUPATIONS: Final = (
    _occupation(
        "NEL",
        N_("Fisher"),
        "fishery",
        "nelayan, nalayan, tonda, pancing, pancing tonda, mancing, memancing, bagan, motor ikan,"
        " motor ikang, jaring, cari ikan, cari ikang, mancari ikan, mancari ikang, mencari ikan,"
        " mancari di lau, mancari di laut, mencari di laut, cari di laut, tangkap ikan, menangkap"
        " ikan, melaut, balaut, pi lau, ka lau, ke laut, mangael, mangail, karja di lau, kerja di"
        " laut, penangkap ikan, tukang mangael",
    ),
    _occupation(
        "ABK",
        N_("Fishing crew"),
        "fishery",
        "buruh nelayan, anak buah kapal, anak buah kapal ikan, abk kapal ikan, abk, masnait, kru"
        " kapal ikan, buruh kapal ikan, kerja di kapal ikan, karja di kapal ikan, ikut kapal ikan",
    ),
    _occupation(
        "PIK",
        N_("Fish farmer"),
        "fishery",
        "pembudidaya ikan, budidaya ikan, budi daya ikan, keramba, karamba, tambak, petambak, petani"
        " tambak, petani ikan, piara ikan, pelihara ikan, kolam ikan",
    ),
    _occupation(
        "RML",
        N_("Seaweed farmer"),
        "fishery",
        "petani rumput laut, rumput laut, rumput lau, budidaya rumput laut, pembudidaya rumput laut, agar agar",
    ),
    _occupation(
        "PGI",
        N_("Fish processor or fish seller"),
        "trade",
        "pengolah ikan, penjual ikan, jibu jibu, jibu, papalele ikan, papalele ikang, jual ikan, jual"
        " ikang, bajual ikan, bajual ikang, pedagang ikan, ikan asar, bakar ikan, asar ikan, ikan"
        " asin, abon ikan",
    ),
    _occupation(
        "TAN",
        N_("Farmer"),
        "farming",
        "petani, tani, bertani, batani, pekebun, berkebun, bakobong, bakebong, bakabong, kobong,"
        " kebun, kerja kebun, kerja di kebun, karja kobong, karja di kobong, cengkih, cengkeh, pala,"
        " sagu, kelapa, kopra, sawah, ladang, pi kobong, tukang kebun sendiri, tanam sayur, petani"
        " sayur",
    ),
    _occupation(
        "BTN",
        N_("Farm labourer"),
        "farming",
        "buruh tani, buruh kebun, buruh kobong, pekerja kebun, petani penggarap, buruh sawah, buruh"
        " sawit, kerja di kebun orang, karja di kobong orang, panjat kelapa, petik cengkeh",
    ),
    _occupation(
        "TRN",
        N_("Livestock keeper"),
        "farming",
        "peternak, ternak, beternak, piara ayam, pelihara ayam, piara babi, pelihara babi, piara"
        " sapi, pelihara sapi, piara kambing, pelihara kambing",
    ),
    _occupation(
        "SDP",
        N_("Palm tapper"),
        "farming",
        "penyadap aren, penyadap, sopi, tifar mayang, tipar mayang, tifar, masak sopi, pembuat sopi,"
        " gula merah, sadap aren, saguer, masak gula aren",
    ),
    _occupation(
        "PDG",
        N_("Small trader"),
        "trade",
        "pedagang kecil, pedagang, dagang, berdagang, pedagang kaki lima, kaki lima, papalele,"
        " papelele, pkl, penjual, jualan, berjualan, bajual, bajualan, jual di pasar, bajual di pasar,"
        " jual sayur, bajual sayur, penjual sayur, jual kue, bajual kue, penjual kue, kios, warung,"
        " buka kios, buka warung, jual nasi, penjual nasi, jual pinang, jual rujak",
    ),
    _occupation(
        "OJK",
        N_("Motorcycle taxi driver"),
        "transport",
        "tukang ojek, ojek, ojeg, ojek daring, ojek online, ojol, bawa ojek, pengojek, mengojek,"
        " baojek, grab, gojek, maxim, tukang oje, oje",
    ),
    _occupation(
        "BCK",
        N_("Pedicab driver"),
        "transport",
        "tukang becak, becak, bentor, tukang bentor, bawa becak",
    ),
    _occupation(
        "SPR",
        N_("Driver of a minibus, truck or rented car"),
        "transport",
        "sopir, supir, sopir angkot, supir angkot, sopir oto, supir oto, bawa oto, bawa angkot, sopir"
        " truk, supir truk, sopir rental, supir rental, sopir taksi, kernet, kondektur, pengemudi,"
        " angkot, bawa mobil",
    ),
    _occupation(
        "MTR",
        N_("Boat driver"),
        "transport",
        "motoris, motoris speedboat, motoris ketinting, speedboat, speed boat, spit, ketinting,"
        " katinting, bawa spit, bawa speed, bawa speedboat, bawa ketinting, sopir speedboat, supir"
        " speedboat, sopir speed, juragan spit, perahu penyeberangan",
    ),
    _occupation(
        "KUR",
        N_("Courier"),
        "transport",
        "kurir, antar paket, antar barang, kurir paket, pengantar paket",
    ),
    _occupation(
        "BMT",
        N_("Dock or loading worker"),
        "services",
        "buruh bongkar muat, bongkar muat, buruh pelabuhan, tkbm, buruh angkut, kuli angkut, kuli"
        " pelabuhan, bagasi, buruh bagasi, tukang pikul, pikul barang, buruh pasar, tukang gerobak,"
        " buruh gudang",
    ),
    _occupation(
        "BGN",
        N_("Builder"),
        "construction",
        "tukang bangunan, buruh bangunan, tukang batu, tukang kayu, kuli bangunan, tukang cat, tukang"
        " besi, bas, bas kayu, bas batu, kerja bangunan, karja bangunan, bangunan, kerja proyek"
        " bangunan, tukang las",
    ),
    _occupation(
        "KTK",
        N_("Settlement project worker"),
        "construction",
        "pekerja proyek kotaku, kotaku, pisew, pamsimas, sanimas, proyek kotaku, proyek pisew, proyek"
        " pamsimas, proyek sanimas",
    ),
    _occupation(
        "ART",
        N_("Domestic worker"),
        "services",
        "asisten rumah tangga, pembantu rumah tangga, pembantu, art, prt, baby sitter, pengasuh anak,"
        " jaga anak, cuci baju, tukang cuci, cuci gosok, kerja di rumah orang, karja di rumah orang",
    ),
    _occupation(
        "TKJ",
        N_("Tailor, mechanic, barber or repairer"),
        "services",
        "tukang jahit, penjahit, jahit, bengkel, montir, cukur, tukang cukur, pangkas rambut, salon,"
        " service, servis, tukang servis, tukang service, tambal ban, sol sepatu, tukang bengkel",
    ),
    _occupation(
        "PMH",
        N_("Craft or home business owner"),
        "trade",
        "perajin, pengrajin, usaha rumahan, usaha rumah, kerajinan, anyaman, tenun, penenun, batu"
        " bata, buat kue, bikin kue, industri rumah tangga",
    ),
    _occupation(
        "PKR",
        N_("Parking attendant"),
        "services",
        "juru parkir, tukang parkir, jukir, parkir, jaga parkir",
    ),
    _occupation(
        "KBR",
        N_("Cleaner or waste picker"),
        "services",
        "petugas kebersihan, penyapu jalan, pemulung, tukang sapu, sapu jalan, tukang sampah, angkut"
        " sampah, pengangkut sampah, kebersihan, cleaning service, pungut botol",
    ),
    _occupation(
        "GKB",
        N_("Grave digger"),
        "services",
        "penggali kubur, gali kubur, tukang gali kubur, gali lubang kubur",
    ),
    _occupation(
        "MRB",
        N_("Caretaker of a mosque or church"),
        "religious",
        "marbot, marbut, merbot, penjaga masjid, jaga masjid, koster, tuagama, penjaga gereja, jaga gereja",
    ),
    _occupation(
        "GNJ",
        N_("Religious teacher or servant"),
        "religious",
        "guru ngaji, guru mengaji, guru mangaji, pengasuh sekolah minggu, guru sekolah minggu,"
        " sekolah minggu, pelayan ibadah, imam, khatib, modim, majelis jemaat, ustad",
    ),
    _occupation(
        "KPS",
        N_("Community health volunteer"),
        "community",
        "kader posyandu, kader, posyandu, kader pkk, pkk, kader kb, kader kesehatan",
    ),
    _occupation(
        "RTW",
        N_("Head of a neighbourhood"),
        "community",
        "ketua rt, ketua rw, pak rt, pak rw",
    ),
    _occupation(
        "PDS",
        N_("Village official"),
        "community",
        "perangkat desa, perangkat negeri, saniri, saniri negeri, bpd, staf desa, staf negeri,"
        " pegawai desa, pegawai negeri adat, aparat desa, aparat negeri, kaur desa, kepala dusun,"
        " sekretaris desa, lpm",
    ),
    _occupation(
        "LMS",
        N_("Civil guard"),
        "community",
        "linmas, hansip, satlinmas",
    ),
    _occupation(
        "LNY",
        N_("Other work"),
        "other",
        "lainnya, lain, lain lain, pekerjaan lain, yang lain",
    ),
)
