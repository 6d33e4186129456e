package dev.tenzing.video.synth;

import java.util.Locale;

/** The classes: how a shape moves. A cycle is once across the picture, or once around. */
enum Motion {
  RIGHT {
    @Override
    Pose after(double cycles, Pose p) {
      return new Pose(p.x() + cycles, p.y(), p.angle(), p.size());
    }
  },
  LEFT {
    @Override
    Pose after(double cycles, Pose p) {
      return new Pose(p.x() - cycles, p.y(), p.angle(), p.size());
    }
  },
  DOWN {
    @Override
    Pose after(double cycles, Pose p) {
      return new Pose(p.x(), p.y() + cycles, p.angle(), p.size());
    }
  },
  UP {
    @Override
    Pose after(double cycles, Pose p) {
      return new Pose(p.x(), p.y() - cycles, p.angle(), p.size());
    }
  },
  CLOCKWISE {
    @Override
    Pose after(double cycles, Pose p) {
      return new Pose(p.x(), p.y(), p.angle() + cycles, p.size());
    }
  },
  COUNTERCLOCKWISE {
    @Override
    Pose after(double cycles, Pose p) {
      return new Pose(p.x(), p.y(), p.angle() - cycles, p.size());
    }
  },
  GROW {
    @Override
    Pose after(double cycles, Pose p) {
      return new Pose(p.x(), p.y(), p.angle(), p.size() + cycles);
    }
  },
  SHRINK {
    @Override
    Pose after(double cycles, Pose p) {
      return new Pose(p.x(), p.y(), p.angle(), p.size() - cycles);
    }
  },
  SHAKE {
    @Override
    Pose after(double cycles, Pose p) {
      return new Pose(p.x() + swing(2 * cycles), p.y(), p.angle(), p.size());
    }
  },
  NOD {
    @Override
    Pose after(double cycles, Pose p) {
      return new Pose(p.x(), p.y() + swing(2 * cycles), p.angle(), p.size());
    }
  },
  CIRCLE {
    @Override
    Pose after(double cycles, Pose p) {
      return new Pose(p.x() + swing(cycles), p.y() - swing(cycles + 0.25), p.angle(), p.size());
    }
  },
  CIRCLE_BACK {
    @Override
    Pose after(double cycles, Pose p) {
      return new Pose(p.x() - swing(cycles), p.y() - swing(cycles + 0.25), p.angle(), p.size());
    }
  };

  private static final double REACH = 0.2;

  /** The pose that a shape has come to from its first one. */
  abstract Pose after(double cycles, Pose first);

  private static double swing(double cycles) {
    return REACH * Math.sin(2 * Math.PI * cycles);
  }

  /** The class's name in lists and folders. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
