import ModelFiles

// Made by unicode_classes.py from tokenizers 0.23.3; do not edit.

// swift-format-ignore-file
/// Runs of scalars from U+0000 on: a letter, then how many, where more than one.
enum UnicodeClassData {
  /// u Lu, l Ll, t Lt, m Lm, a Lo, k M, n N, p P, y S, s white space, o other.
  static let categories: StaticString = """
    o9s5o18sp3yp6yp4n10p2y3p2u26p3ypyl26pypyo6so26spy5py2apyoy4n2ylp2ynapn3pu23yu7l24yl8ulululululu\
    lulululululululululululululululululululululul2ulululululululul2ulululululululululululululululul\
    ulululululululu2lulul3u2lulu2lu3l2u4lu2lu3l3u2lu2lululu2lul2ulu2lu3lulu2l2aul3a4utlutlutlululul\
    ululululul2ululululululululul2utlulu3lululululululululululululululululululululululululululululu\
    l7u2lu2l2ulu4lulululul69al27m18y4m12y14m5y7mymy17k112ululmyulo2ml3puo4y2upu3ouou2lu17ou9l35ul2u\
    3l3ulululululululululululul5ulyulu2l2u51l48ulululululululululululululululululyk7ulululululululu\
    lulululululululululululululululululululu2lulululululul2ulululululululululululululululululululul\
    ululululululululululululululululululululululululululululou38o2mp6l41p2o2y3ok45pkpk2pk2pko8a27o4\
    a4p2o17y3p2yp2y2k11pop3a32ma10k21n10p4a2ka99pak7oyk6m2k2yk4a2n10a3y2ap14o2aka30k27o2a89k11ao14n\
    10a33k9m2yp3mo2ky2a22k4mk9mk3mk5o2p15oa25k3o2poa11o5a24ya6o8k9a41mk24ok33a54k3ak18ak7a10k2p2n10\
    pma15k3oa8o2a2o2a22oa7oao3a4o2kak7o2k2o2k3ao8ko4a2oa3k2o2n10a2y2n6y2apko2k3oa6o4a2o2a22oa7oa2oa\
    2oa2o2kok5o4k2o2k3o3ko7a4oao7n10k2a3kpo10k3oa9oa3oa22oa7oa2oa5o2kak8ok3ok3o2ao15a2k2o2n10pyo7ak\
    6ok3oa8o2a2o2a22oa7oa2oa5o2kak7o2k2o2k3o7k3o4a2oa3k2o2n10yan6o10kaoa6o3a3oa4o3a2oaoa2o3a2o3a3o3\
    a12o4k5o3k3ok4o2ao6ko14n13y8o5k5a8oa3oa23oa16o2kak7ok3ok4o7k2oa3o2ao2a2k2o2n10o7pn7yak3pa8oa3oa\
    23oa10oa5o2kak7ok3ok4o7k2o6a2oa2k2o2n10oa2ko12k4a9oa3oa41k2ak7ok3ok4ayo4a3kn7a3k2o2n19ya6ok3oa1\
    8o3a24oa9oao2a7o3ko4k6okok8o6n10o2k2po12a48ka2k7o4ya6mk8pn10p2o37a2oaoa5oa24oaoa10ka2k9ao2a5omo\
    k7on10o2a4o32ay3p15ypy3k2y6n20ykykykp4k2a8oa36o4k20pk2a5k11ok36oy8ky6oy2p5y4p2o37a43k20an10p6a6\
    k4a4k3ak3a2k7a3k4a13k12akn10k4y2u38ouo5uo2l43pml3a329oa4o2a7oaoa4o2a41oa4o2a33oa4o2a7oaoa4o2a15\
    oa57oa4o2a67o2k3p9n20o3a16y10o6u86o2l6o2pa620ypa17sa26p2o3a75p3n3a8o7a18k4o9a19k3p2o9a18k2o12a1\
    3oa3ok2o12a52k32p3mp3yako2n10o6n10o6p11k3okn10o6a35ma53o7a5k2a34kao5a70o10a31ok12o4k12o4yo3p2n1\
    0a30o2a5o11a44o4a26o6n11o3y34a23k5o2p2a53k10ok29o2kn10o6n10o6p7mp6o2k31o49k5a47k17a8op2n10p7y10\
    k9y9p3k3a30k13a2n10a44k14o8p4a36k20o3p5n10o3a3n10a30m6p2l9ulo5u43o2u3p8o8k3pk21a4ka6ka2k3ao5l44\
    m63l13ml34m37k64ulululululululululululululululululululululululululululululululululululululululu\
    lululululululululululululululululululululululululululululululululululul9ulululululululululululu\
    lululululululululululululululululululululululululululululululululululululul9u8l6o2u6o2l8u8l8u8l\
    6o2u6o2l8ououououl8u8l14o2l8t8l8t8l8t8l5ol2u4tyly3l3ol2u4ty3l4o2l2u4oy3l8u5y3o2l3ol2u4ty2os11o5\
    p24s2o5sp20yp13yp12so16nmo2n6y3p2mn10y3p2om13o3y33o15k33o15y2uy4uy2lu3l2u3lyuy3u5y6uyuyuyu4ylu4\
    la4ly2l2u2y5ul4y4lyn51uln5y2o4y376p4y29p2y255o22y11o21n60y78n22y616p14n30y49p2y31p10y403p22y63p\
    4y32p2y374o2y32oy105u48l48ulu3l2ulululu4lul2ul6m2u3lulululululululululululululululululululululu\
    lululululululululululululululululululululululululululul2y6ululk3ulo5p4np2l38olo5lo2a56o7mpo14ka\
    23o9a7oa7oa7oa7oa7oa7oa7oa7ok32p47mp32y2p12o34y26oy89o12y214o26y16sp3ymanp10y2p12yn9k6pm5y2n3ma\
    py2oa86o2k2y2m2apa90pm3ao5a43oa94oy2n4y10a32y38o9ya16y31on10y30n8yn15y32n10y39n15y320a6592y64a2\
    1013ma1143o3y55o9a40m6p2a268mp3a16n10a2o20ulululululululululululululululululululululululak4pk10\
    pmululululululululululululululm2k2a70n10k2p6o8y23m9y2ululululululul3ulululululululululululululu\
    lulululululululululululululululululml8ululu2lululululmy2ululaulul3ululululululululululu5lu5lulu\
    lulululululu4lulu2lo2ulololulululuo21m3ulam2la7ka3ka4ka23k5y4ko3n6y4o6a52p4o8k2a50k18o8p2n10o6k\
    18a6p3apa2kn10a28k8p2a23k13o11pa29o3k4a47k14p13omn10o4p2a5kma9n10a5oa41k14o9a3ka8k2o2n10o2p4a16\
    ma6y3ak3a50kak3a2k2a5k2akao24a2mp2a11k5p2am2k2o10a6o2a6o2a6o9a7oa7ol43ym4l9my2o4l80a35k8pk2o2n1\
    0o6a11172o12a23o4a49o8452a366o2a106o38l7o12l5o5aka10ya13oa5oaoa2oa2oa108y17o16a363p2y16a64o2a54\
    o7yo32a12y4k16p10o6k16p35op14ypy3opyp2o4a5oa135o4p3yp6yp4n10p2y3p2u26p3ypyl26pypyp7a10ma45m2a31\
    o3a6o2a6o2a6o2a3o3y7oy7o13y2o2a12oa26oa19oa2oa15o2a14o34a123o5p3o4n45o3y9n57y17n2y3oy13o3yo47y4\
    5ko130a29o3a49o15kn27o4a32n4o9a20na8no5a38k5o5a30opa36o4a8pn5o42u40l40a78o2n10o6u36o4l36o4a40o8\
    a52o11pu11ou15ou7ou2ol11ol15ol7ol2o3a52o12a311o9a22o10a8o24m6om42om9o69a6o2aoa44oa2o3ao2a23opn8\
    a23y2n7a31o8n9o48a19oa2o5n5a22n6o3pa26o5po64a56o4n2a2n16o2n46ak3ok2o5k4a4oa3oa29o2k3o4kn9o7p9o7\
    a29n2pa29n3o32a8ya28k2o4n5p7o9a54o3p7a22o2n8a19o5n8a18o7p4o12n7o80a73o55u51o13l51o7n6a36k4o8n10\
    o6n10a4mau22o3k5pml22o8y2o208n31oa42ok2po2a2o16a3o55k4a29n10ao8a22k11n4p5o22a18k4p4o38a21n7o20a\
    23o9k3a53k15p7o4n30ka2k2ao9k4a45k11p2op4ko13a25o7n10o6k3a36k14on10p4ak2ao8a35kp2ao9k3a48k14a4p4\
    k4pk2n10apap3on20o11a18oa25k12p6ka2ko62a7oaoa4oa15oa10po6a47k12o5n10o6k4oa8o2a2o2a22oa7oa2oa5ok\
    2ak7o2k2o2k3o2ao6ko5a5k2o2k7o3k5o11a10oao2aoa38oak9oko2kok4ok5akap2op2o8k2o29a53k18a4p5n10p2opk\
    a3o30a48k20a2pao8n10o166a47k7o2k9p23a4k2o34a48k17p3ao11n10o6p13o19a43k13apo6n10o6n20o28a27o2k15\
    o4n12p3ya7o185a44k15po100u32l32n19o12a8o2ao2a8oa2oa24k6ok2o2k4akak2p3o9n10o70a8o2a39k7o2k7apako\
    27ak10a40k7ak4p8ko8ak11a46k16p3ap5o13a73o7p10o182a33po14n10o6a9oa37k8ok8ap5o10n29o3p2a30o2k22ok\
    14o73a7oa2oa38k6o3kok2ok7ako8n10o6a6oa2oa32k5ok2ok5ao7n10o310a19k4p2o7k2aka13oa34k7o3k5p13n10ko\
    85ao15n21y29o13pa922o102n111op5o11a196o2636a97p2o13a1072o16ka6k15o10a3995o5a583o6841a30k18n10o1\
    734a569o7a31on10o4p2a79on10o6a30o2k5po10a48k7p5y4m4pyo10n10on7oa21o5a19o432m3a40m2p3n10o198u32l\
    32n23p4o101a75o4kak55o7k4m13o64m2pmko11k2o14a6136o8a1238o41a10o8935m4om7om2oa291o15ao29a3o2ao14\
    a4o8a396o2308a107o5a13o3a9o7a10o2yk2po3936y240n10o6y436o76k46o2k23o9y116o60y246o10y39o2y60k5y3k\
    6o8k8y2k7y30k4y61o21y66k3yo122n20o12n20o12y87o9n25o135u26l26u26l7ol18u26l26uou2o2uo2u2o2u4ou8l4\
    olol7ol11u26l26u2ou4o2u8ou7ol26u2ou4ou5ouo3u7ol26u26l26u26l26u26l26u26l26u26l26u26l28o2u25yl25y\
    l6u25yl25yl6u25yl25yl6u25yl25yl6u25yl25yl6ulo2n50y512k55y4k50y8ky14ky2p5o15k5ok15o1104l10al20o6\
    l6o213k7ok17o2k7ok2ok5o5m62o33ko112a45o3k7m7o2n10o4ayo320a30ko17a44k4n10o5yo464a27mk4n10o214a30\
    k2an10o4po480a7oa4oa2oa15oa197o2n9k7o41u34l34k7mo4n10o4p2o785n59yn3yn4o76n45yn15o194a4oa27oa2oa\
    o2aoa10oa4oaoao6ao4aoaoaoa3oa2oao2aoaoaoaoaoa2oao2a4oa7oa4oa4oaoa10oa17o5a3oa5oa17o52y2o270y44o\
    4y100o12y15o2y15oy15oy37o10n13y161o56y29o13y44o4y9o7y2o14y6o154y984o4y17o3y13o3y119o4y95o6y12o4\
    yo15y12o4y56o8y10o6y40o8y30o2y12o4y2o62y340o12y14o2y13o3y10o5y56o7y15o2y11o6y9o7y147oy92n10o103\
    0a42720o32a4154o6a222o2a5762o14a7473o15a622o2466a542o1506a4939o5a4192o712016k240o196112
    """

  /// w may not touch a single-word token, d NFC may change it or join it to what precedes,
  /// c both, - neither.
  static let flags: StaticString = """
    -48w10-7w26-4w-w26-47w-10w-4w-5w23-w31-w458-4w12-14w5-7w-w-17c112w4c-w2-2w4dw-6wdw3-w-w20-w83-w\
    139-c7w166-w38-2w-6w41-8c45-c-c2-c2-c-8w27-4w4-29c11-5w43c21w10-4w2cw99-wc7-2c6w2c2-c4w15-2w-16\
    wcw30c27-2w89c11w-14w43c9w2-4w-2c-2w22c4wc9wc3wc5-18w25c3-4w11-5w24-w6-8c9w42c24-c33w54c3wc18wc\
    15w2c2-2w10-w16c3-w8-2w2-2w22-w7-w-3w4-2cwc7-2c2-2c3w-8c-4c2-cw2c2-2w12-10w-c-2c3-w6-4w2-2w22-w\
    7-wc-wc-w2-2c-c5-4c2-2c3-3c-7c3w-c-7w10c2w3c-11c3-w9-w3-w22-w7-w2-w5-2cwc8-c3-c3-2w-15w2c2-2w10\
    -9wc6-c3-w8-2w2-2w22-w7-w2-w5-2cwc7-2c2-2c3-7c3-4c2-w3c2-2w10-w-16cw-w6-3w3-w4-3w2-w-w2-3w2-3w3\
    -3w12-4c5-3c3-c4-2w-6c-14w10-16c5w8-w3-w23-w16-2cwc7-c3-c4-7c2-w3-2w-2w2c2-2w10-16wc3-w8-w3-w23\
    -w10-w5-2cwc7-c3-c4-7c2-6w2-w2c2-2w10-w2c-12c4w9-w3-w41c2wc7-c3-c4w-5w3c-7w3c2-2w10-10w6-c3-w18\
    -3w24-w9-w-2w7-3c-4c6-c-c8-6w10-2c2-13w48cw2c7-5w7c8-w10-39w2-w-w5-w24-w-w10cw2c9w-2w5-w-c7-w10\
    -2w4-32w-23c2-6w10-11c-c-c-4c2w3cw4-w4cw4cw4cw4cw12cw3-4c20-c2w5c11-c36-9c-57w43c20w11-6w6c4w4c\
    3wc3w2c7w3c4w13c12wcw10c4-2w38-w-5w-2w43-w101c21w50c27w134-w4-2w7-w-w4-2w41-w4-2w33-w4-2w7-w-w4\
    -2w15-w57-w4-2w67-2c3-32w16-16w86-2w6-3w620-2w17-w26-5w75-3w11-7w18c4-9w19c3-11w18c2-12w13-w3-c\
    2-12w52c32-3w-4wc-2w10-33c3-cw10-6w89-7w5c2w34cw-5w70-10w31-c12-4c12-10w40-2w5-11w44-4w26-6w10-\
    38w23c5-4w53c10-c29-2cw10-6w10-13w-8c31-49c5w47c17w8-3w10-17c9-12c3w30c13w56c14-12w36c20-8w10-3\
    w49-2w11-5w43-2w3-16c3-c21w4cw6cw2c3w-5w192c64w278-2w6-2w38-2w6-2w8-w-w-w-w18cwcwcwcwcwcwc-2w53\
    -w5cw-c-3w3-w3cwcw-3w3c-2w5c-4w3cw7cw-d2-2w3-w3cwcwd-2d2-10w2-49w2-19w-28w-13w-16w13-51c33-17w-\
    4w-2w10-w-3w5-6w-c-w-c2w2-w11-2w4-5w5-4w-17w41-416d2-395w52-1522d-291w229-6w4c3w2-12w38-w-5w-2w\
    56-7w-15cw23-9w7-w7-w7-w7-w7-w7-w7-w7-c32-47w-469w3-25w9c6-w5-2w5-4w86-2c2-2w3-w90-w4-5w43-w94-\
    17w32-48w16-512w6592-64w22157-67w46-2w269-3w28-20w47c4-c10-w31c2w80c2-37w9-2w103-2w67-2w2-w-w8-\
    21w16cw3cw4cw23c5-4c-19w52-12c2w50c18-10w10-6c18w6-3w-w2cw38c8-2w23c13-12w29-3c4w47c14-14w11-6w\
    5cw25-w41c14-9w3cw8c2-2w10-6w23-3wc3w50cwc3w2c2w5c2wcw-24w3-2w11c5-2w3c2-10w6-2w6-2w6-9w7-w7-w4\
    3-w14-6w115c8-c2-2w10-6w11172-12w23-4w49-8452c270w2cwcw2c10wcwcw2c2w3c68-2c106-38w7-12w5-5c3w9-\
    c13-c5-c-c2-c2-c9w99-33w363-18w64-2w54-40w12-4c16-16c16-3w2-24w3-32w5-w135-19w10-7w26-4w-w26-11\
    w89-3w6-2w6-2w6-2w3-35w12-w26-w19-w2-w15-2w14-34w123-69w53-136c-130w29-3w49-15c-31w32-13w30-5w3\
    8c5-5w30-2w36-4w8-w5-42w158-2w10-6w36-4w36-4w40-8w52-12w11-w15-w7-w2-w11-w15-w7-w2-3w52-12w311-\
    9w22-10w8-24w6-w42-w9-69w6-2w-w44-w2-3w-2w23-10w23-9w31-65w19-w2-10w22-10w26-70w56-6w2-64wc3-c2\
    -5c4w4-w3-w29-2c3-4c-32w29-3w29-35w8-w28c2-25w54-10w22-10w19-13w18-110w73-55w51-13w51-13w36c4-8\
    w10-6w38-3c5-w23-250w42-c2-3w2-16w3-55c4w29-10w-8w22c11-31w18c4-42w21-27w23-9c3w53c15-31w10cw2c\
    2w-9c4w45c11-7c-13w25-7w10-6c3w36c14-w10-4wc2w-8w35c-2w-9c3w48c14w4-4c4-c2w11-w-35w18-w25c12-6c\
    w2c-62w7-w-w4-w15-w10-7w47c12-5w10-6c4-w8-2w2-2w22-w7-w2-w5-c2wc7-2c2-2c3-2w-6c-5w5c2-2c7-3c5-1\
    1w10-w-2w-w38-wc9-c-2c-c4-c5wcw-13c2-29w53c18w4-5w10-4cw3-30w48c20w2-w-8w10-166w47c7-2c9-23w4c2\
    -34w48c17-3w-11w10-38w43c13w-7w10-6w20-28w27-2c15-4w10-6w7-185w44c15-101w74-21w8-2w-2w8-w2-w24c\
    6-c2-2c4wcwc2-12w10-70w8-2w39c7-2c7w-wc-27wc10w40c7wc4-8c-8wc11w46c16-3w-18w73-199w33-15w10-6w9\
    -w37c8-c8w-15w10-24w30-2c22-c14-73w7-w2-w38c6-3c-c2-c7wc-8w10-6w6-w2-w32c5-c2-c5w-7w10-310w19c4\
    -9c2wcw13-w34c7-3c5-13w10c-85w-79w922-102w111-17w196-2636w97-15w1072-16cw6c15-10w3995-5w583-684\
    1w30c18w10-1734w569-7w31-w10-6w79-w10-6w30-2c5-11w48c7-9w4-12w10-9w21-5w19-432w45-3w10-198w64-1\
    28w75-4cwc55-7c4w13-64w2-wc-11c2-14w6136-8w1238-41w10-8935w4-w7-w2-w291-15w-29w3-2w-14w4-8w396-\
    2308w107-5w13-3w9-7w10-3c2-4177w10-518c46-2c23-535d7c5-3c6-8c8-2c7-30c4-13d6-129c3-443w85-w71-w\
    2-2w-2w2-2w4-w12-w-w7-w65-w4-2w8-w7-w28-w4-w5-w-3w7-w340-2w25-w25-w31-w25-w31-w25-w31-w25-w31-w\
    25-w8-2w50-512c55-4c50-8c-14c-22c5-c15-1104w31-6w6-213c7-c17-2c7-c2-c5-5w62-33c-112w45-3c7w7-2w\
    10-4w-321w30c-17w44c4w10-470w28c4w10-214w30c2w11-485w7-w4-w2-w15-w197-11c7-41w68c7w-4w10-1190w4\
    -w27-w2-w-2w-w10-w4-w-w-6w-4w-w-w-w3-w2-w-2w-w-w-w-w-w2-w-2w4-w7-w4-w4-w-w10-w17-5w3-w5-w17-628\
    w26-6w26-6w26-2662w10-1030w42720-32w4154-6w222-2w5762-14w7473-15w622-2466c542-1506w4939-5w4192-\
    712016c240-196112
    """

  /// What the Digits pre-tokenizer takes for a digit beyond N.
  static let digitsBeyondNumbers: [UInt32] = [
    0x11DE0, 0x11DE1, 0x11DE2, 0x11DE3, 0x11DE4, 0x11DE5, 0x11DE6, 0x11DE7, 0x11DE8, 0x11DE9,
    0x16FF4, 0x16FF5, 0x16FF6,
  ]
}
