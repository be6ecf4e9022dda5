"""Takes whatever is sent to ADDRESS and forgets it: `python -m tests.benchmarks.alternatives.sink ADDRESS`. Ends with its stdin."""

import sys

import zmq


def main() -> None:
    with zmq.Context() as context, context.socket(zmq.PULL) as pull:
        pull.bind(sys.argv[1])
        print("ready", flush=True)
        poller = zmq.Poller()
        poller.register(pull, zmq.POLLIN)
        poller.register(sys.stdin, zmq.POLLIN)
        while sys.stdin.fileno() not in dict(poller.poll()):
            while pull.poll(0):
                pull.recv()


if __name__ == "__main__":
    main()
