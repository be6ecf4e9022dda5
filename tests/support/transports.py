"""Which transport a test runs over. With DATATOOLS_AUDIT_TRANSPORT=tcp in the environment, those without a mark run over tcp."""

import pytest

over_ipc = pytest.mark.parametrize("pair", ["ipc"], indirect=True)
over_tcp = pytest.mark.parametrize("pair", ["tcp"], indirect=True)
over_both = pytest.mark.parametrize("pair", ["ipc", "tcp"], indirect=True)
