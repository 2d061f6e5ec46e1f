import subprocess
import pickle

PASSWORD = "hunter2"


def run(cmd, blob):
    subprocess.call(cmd, shell=True)
    assert blob
    return pickle.loads(blob)
