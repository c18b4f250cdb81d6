/* The first ids of every vocabulary; V = THOR_ID_FIRST_PIECE + pieces + 1 for [CLS] + languages (model/sequence.h). */
#ifndef THOR_BASE_SPECIAL_IDS_H
#define THOR_BASE_SPECIAL_IDS_H

enum { THOR_ID_BOS = 0, THOR_ID_PAD = 1, THOR_ID_EOS = 2, THOR_ID_UNK = 3, THOR_ID_FIRST_PIECE = 4 };

#endif
