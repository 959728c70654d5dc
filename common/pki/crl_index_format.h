/* SPDX-License-Identifier: Apache-2.0
 *
 * The layout of an index image, shared by its writer (crl_index_build) and its reader
 * (crl_index) and by nobody else.
 *
 *   magic[8]  u32 header_len  u32 body_crc  u64 image_len  u64 entry_count
 *   u32 name_count  u32 names_len  u8 serial_width  u8 record_width  u8 flags  u8 0
 *   sha256[32]  key_sha256[32]  i64 this_update  i64 next_update
 *   number { u8 len, octets[20] }  base { u8 len, octets[20] }
 *   { u32 len, bytes } of: issuer DER, issuer canonical, authority key, scope DER
 *   u32 header_crc, of all before it
 *   body:  u32 name_end[name_count]  names[names_len]  records[entry_count][record_width]
 *
 * A record, such that records sort as bytes do and the first of equal keys is the one that
 * counts:
 *
 *   u8 serial_len  serial[serial_width], zero-padded  (u16be issuer, of indirect CRLs)
 *   u8 reason      i40le revocation date
 */
#ifndef PORTCULLIS_PKI_CRL_INDEX_FORMAT_H
#define PORTCULLIS_PKI_CRL_INDEX_FORMAT_H

#define CRL_INDEX_MAGIC "pcrlidx\x01"

enum {
	CRL_INDEX_MAGIC_SIZE = 8,
	CRL_INDEX_HEADER_LEN_AT = 8,
	CRL_INDEX_BODY_CRC_AT = 12,
	CRL_INDEX_IMAGE_LEN_AT = 16,
	CRL_INDEX_CRC_SIZE = 4,
	CRL_INDEX_HEADER_MAX = 256 * 1024,
	CRL_INDEX_NAMES_MAX = 0xffff,       /* certificate issuers of one indirect CRL */
	CRL_INDEX_NAMES_LEN_MAX = 16 << 20, /* bytes of their canonical forms */
	CRL_INDEX_DATE_SIZE = 5,

	CRL_INDEX_HAS_NUMBER = 1 << 0,
	CRL_INDEX_IS_DELTA = 1 << 1,
	CRL_INDEX_IS_INDIRECT = 1 << 2,

	/* the reason octet: no code, code + 1, and removeFromCRL after all others */
	CRL_INDEX_REASON_NONE = 0,
	CRL_INDEX_REASON_REMOVE = 0xff,
};

#endif
