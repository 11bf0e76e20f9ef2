"""Structures of OpenSSL whose members no header shows any more, with the functions to use instead.

Since OpenSSL 1.1 all of these are opaque, ASN1_STRING since 4: CHANGES.md and doc/man3 of
openssl/openssl. LibreSSL followed in 3.5: its release notes at libressl.org.
"""

from collections.abc import Iterator

from ciforge.diagnose.rules.rule import ERROR, Rule
from ciforge.model.finding import FindingKind

_ADVICE = (
    "No header defines {{subject}} any more: it is opaque since OpenSSL {}. Use {} instead of its "
    "members, or a pointer where it is a variable."
)
_STRING = ("ASN1_STRING_get0_data() and ASN1_STRING_length()", "4", "asn1_string_st")
_ACCESSORS = {
    "SSL": ("SSL_get_session(), SSL_get_SSL_CTX() and the like", "1.1", "ssl_st"),
    "SSL_CTX": ("SSL_CTX_up_ref(), SSL_CTX_get_cert_store() and the like", "1.1", "ssl_ctx_st"),
    "SSL_SESSION": ("SSL_SESSION_get_id() and SSL_SESSION_get_master_key()", "1.1", "ssl_session_st"),
    "SSL_CIPHER": ("SSL_CIPHER_get_name() and SSL_CIPHER_get_id()", "1.1", "ssl_cipher_st"),
    "EVP_MD_CTX": ("EVP_MD_CTX_new() and EVP_MD_CTX_free()", "1.1", "evp_md_ctx_st"),
    "EVP_MD": ("EVP_MD_get_size() and EVP_MD_get_type()", "1.1", "evp_md_st"),
    "EVP_CIPHER_CTX": ("EVP_CIPHER_CTX_new() and EVP_CIPHER_CTX_free()", "1.1", "evp_cipher_ctx_st"),
    "EVP_CIPHER": ("EVP_CIPHER_get_block_size() and EVP_CIPHER_get_iv_length()", "1.1", "evp_cipher_st"),
    "EVP_PKEY": ("EVP_PKEY_get_id(), EVP_PKEY_get0_RSA() and the like", "1.1", "evp_pkey_st"),
    "HMAC_CTX": ("HMAC_CTX_new() and HMAC_CTX_free()", "1.1", "hmac_ctx_st"),
    "RSA": ("RSA_get0_key(), RSA_set0_key(), RSA_get0_factors()", "1.1", "rsa_st"),
    "RSA_METHOD": ("RSA_meth_new() and RSA_meth_set_priv_enc()", "1.1", "rsa_meth_st"),
    "DSA": ("DSA_get0_pqg(), DSA_get0_key(), DSA_set0_key()", "1.1", "dsa_st"),
    "DH": ("DH_get0_pqg(), DH_set0_pqg(), DH_get0_key()", "1.1", "dh_st"),
    "ECDSA_SIG": ("ECDSA_SIG_get0() and ECDSA_SIG_set0()", "1.1", "ECDSA_SIG_st"),
    "BIO": ("BIO_get_data(), BIO_set_data() and BIO_set_init()", "1.1", "bio_st"),
    "BIO_METHOD": ("BIO_meth_new() and BIO_meth_set_write()", "1.1", "bio_method_st"),
    "BIGNUM": ("BN_num_bits(), BN_is_negative(), BN_bn2bin()", "1.1", "bignum_st"),
    "X509": ("X509_get_subject_name(), X509_get0_notAfter(), X509_up_ref()", "1.1", "x509_st"),
    "X509_STORE_CTX": ("X509_STORE_CTX_get_current_cert() and X509_STORE_CTX_get_error()", "1.1", "x509_store_ctx_st"),
    "X509_STORE": ("X509_STORE_get0_objects() and X509_STORE_get0_param()", "1.1", "x509_store_st"),
    "X509_CRL": ("X509_CRL_get_REVOKED() and X509_CRL_get0_nextUpdate()", "1.1", "X509_crl_st"),
    "X509_NAME": ("X509_NAME_entry_count() and X509_NAME_get_entry()", "1.1", "X509_name_st"),
    "ASN1_STRING": _STRING, "ASN1_OCTET_STRING": _STRING, "ASN1_INTEGER": _STRING, "ASN1_BIT_STRING": _STRING,
    "ASN1_TIME": _STRING,
}  # fmt: skip
"""For each type what to use, since which version, and the tag of its structure."""


def _rows() -> Iterator[Rule]:
    """Two rows for each type: under its own name, and under its tag."""
    other = "unk.c:3:43: error: incomplete definition of type 'struct nope'"
    seen: set[str] = set()
    for name, (accessors, version, tag) in _ACCESSORS.items():
        advice = _ADVICE.format(version, accessors)
        yield Rule(
            FindingKind.INCOMPLETE_TYPE, "incomplete ",
            ERROR + rf".{{0,40}}\bincomplete (?:definition of )?type(?:def)? '(?:const )?(?P<subject>{name})(?:'| \{{aka )",
            advice, words=(name,),
            example=f"e.c:2:30: error: invalid use of incomplete typedef '{name}' {{aka 'struct {tag}'}}",
            counterexample=other,
        )  # fmt: skip
        if tag not in seen:
            yield Rule(
                FindingKind.INCOMPLETE_TYPE, "incomplete ",
                ERROR + rf".{{0,40}}\bincomplete (?:definition of )?type '(?:const )?(?P<subject>struct {tag})'",
                advice, words=(tag,),
                example=f"e.c:2:30: error: incomplete definition of type 'struct {tag}'",
                counterexample=other,
            )  # fmt: skip
        seen.add(tag)


RULES = tuple(_rows())
