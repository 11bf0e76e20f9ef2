#!/bin/sh
# license-expression 30.4.4, packaging 26.4 (PyPI)
#
# Guess: the SPDX parser of license-expression accepts each expression of the SPDX grammar, LicenseRef-NAME and
# "Apache-2.0+" included.
# What happens: validate() reports both as unknown licenses. packaging, which pip's metadata uses, accepts both.
# Why it matters: packages of distributions use LicenseRef- for what has no identifier, public domain among them. A
# check of an SBOM fails for correct metadata.

. "$(dirname "$0")/lib.sh"
python_packages license-expression==30.4.4 packaging==26.4

same "two libraries" "ISC: license-expression []; packaging ISC
LicenseRef-Public-Domain: license-expression ['Unknown license key(s): LicenseRef-Public-Domain']; packaging LicenseRef-Public-Domain
Apache-2.0+: license-expression ['Unknown license key(s): Apache-2.0+']; packaging Apache-2.0+" "$(python3 - <<'EOF'
from license_expression import get_spdx_licensing
from packaging.licenses import canonicalize_license_expression

licensing = get_spdx_licensing()
for text in ("ISC", "LicenseRef-Public-Domain", "Apache-2.0+"):
    errors = licensing.validate(text).errors
    print(f"{text}: license-expression {errors}; packaging {canonicalize_license_expression(text)}")
EOF
)"
