#include "pipelines/ice/ice_server.h"
