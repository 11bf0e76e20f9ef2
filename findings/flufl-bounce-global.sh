#!/bin/sh
# flufl.bounce 6.0.0
#
# Guess: what Mailman uses to recognize bounces reads the delivery status of an internationalized message, RFC 6533,
# as it reads that of RFC 3464: the fields are the same.
# What happens: a part of type message/global-delivery-status is no bounce at all, also if its recipient is an ASCII
# address with type rfc822. With message/delivery-status the same fields name the recipient.
# Why it matters: a mail server answers a message that it took with SMTPUTF8 in this format. The dead address stays on
# the list, and the bounces go to a person.

. "$(dirname "$0")/lib.sh"
python_packages flufl.bounce==6.0.0

failures() {
	printf '%s\n' 'From: mailer-daemon@example.org' 'Subject: Delivery failed' 'MIME-Version: 1.0' \
		"Content-Type: multipart/report; report-type=$1; boundary=b" '' \
		'--b' 'Content-Type: text/plain' '' 'It failed.' '--b' "Content-Type: message/$1" '' \
		'Reporting-MTA: dns; example.org' '' \
		'Final-Recipient: rfc822; user@example.org' 'Action: failed' 'Status: 5.1.1' '' '--b--' >bounce
	python -c '
from email import message_from_binary_file

from flufl.bounce import all_failures

temporary, permanent = all_failures(message_from_binary_file(open("bounce", "rb")))
print(*(address.decode() for address in permanent))'
}
same "message/delivery-status" user@example.org "$(failures delivery-status)"
same "message/global-delivery-status" "" "$(failures global-delivery-status)"
