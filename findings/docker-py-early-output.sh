#!/bin/sh
# docker 7.2.0 (docker-py)
#
# Guess: the socket that exec_start(socket=True) returns gives all bytes of the stream, from the first one on.
# What happens: bytes that the engine sends together with the head of its answer are not in the socket. They stay in the
# buffer through which the head was read, which the socket does not show. The stream looks complete: it ends as usual.
# Why it matters: on a busy machine a short command's whole output is lost now and then, and nothing raises an error.

. "$(dirname "$0")/lib.sh"
python_packages docker==7.2.0

cat >early.py <<'EOF2'
import socket
import sys
import threading

import docker

HEAD = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
FRAME = b"\x01\0\0\0\0\0\0\x05hello"


def answer(listening, pieces):
    near, _ = listening.accept()
    near.recv(65536)
    for piece in pieces:
        near.sendall(piece)
        threading.Event().wait(0.5)
    near.shutdown(socket.SHUT_WR)
    while near.recv(65536):
        pass


def heard(name, pieces):
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(name)
    listening.listen()
    threading.Thread(target=answer, args=(listening, pieces), daemon=True).start()
    client = docker.APIClient(f"unix://{name}", version="1.41")
    stream = client.exec_start("0", socket=True)
    found = b""
    while data := stream._sock.recv(100):
        found += data
    stream.close()
    return found[8:].decode()


print("head, then output:", repr(heard(sys.argv[1] + "/one", [HEAD, FRAME])))
print("head with output: ", repr(heard(sys.argv[1] + "/two", [HEAD + FRAME])))
EOF2
same "what the socket gives" "head, then output: 'hello'
head with output:  ''" "$(python early.py "$work")"
