package dev.tenzing.engine.conformance;

import dev.tenzing.engine.kernel.Kernels;
import dev.tenzing.engine.op.Add;
import dev.tenzing.engine.op.AddPositions;
import dev.tenzing.engine.op.Argsort;
import dev.tenzing.engine.op.Attention;
import dev.tenzing.engine.op.Binary;
import dev.tenzing.engine.op.Cast;
import dev.tenzing.engine.op.Concat;
import dev.tenzing.engine.op.Conv1d;
import dev.tenzing.engine.op.CosineAttention;
import dev.tenzing.engine.op.Dropout;
import dev.tenzing.engine.op.FeedForward;
import dev.tenzing.engine.op.GatherTokens;
import dev.tenzing.engine.op.IndexSelect;
import dev.tenzing.engine.op.KlDivergence;
import dev.tenzing.engine.op.LayerNorm;
import dev.tenzing.engine.op.Linear;
import dev.tenzing.engine.op.MaskTokens;
import dev.tenzing.engine.op.MatMul;
import dev.tenzing.engine.op.MeanSquaredError;
import dev.tenzing.engine.op.MeanTokens;
import dev.tenzing.engine.op.MotionImportance;
import dev.tenzing.engine.op.Narrow;
import dev.tenzing.engine.op.NormalizeVideo;
import dev.tenzing.engine.op.PatchTargets;
import dev.tenzing.engine.op.Patchify;
import dev.tenzing.engine.op.Permute;
import dev.tenzing.engine.op.Pool1d;
import dev.tenzing.engine.op.Recompute;
import dev.tenzing.engine.op.Reduce;
import dev.tenzing.engine.op.Residual;
import dev.tenzing.engine.op.Scale;
import dev.tenzing.engine.op.SoftTargetCrossEntropy;
import dev.tenzing.engine.op.Softmax;
import dev.tenzing.engine.op.TakeSorted;
import dev.tenzing.engine.op.Unary;
import dev.tenzing.engine.op.Unfold;
import dev.tenzing.engine.op.Where;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Every operation in every variant, one line each. Sizes are odd on purpose: around the widths of
 * vectors (1, 3, 7, 13, 16, 17) and the token counts of real models, which are no multiple of
 * anything (156, 470).
 */
final class Cases {
  private static final int[][] MC = {
    {1, 1}, {1, 17}, {3, 7}, {7, 3}, {13, 16}, {16, 13}, {17, 1}, {156, 470}, {470, 3}
  };
  // The divergence of a single class is 0, and what is left of it is rounding.
  private static final int[][] MC_CLASSES = {
    {1, 17}, {3, 7}, {7, 3}, {13, 16}, {16, 13}, {156, 470}, {470, 3}
  };
  private static final int[][] MNK = {
    {1, 1, 1},
    {3, 7, 13},
    {13, 3, 7},
    {7, 13, 3},
    {1, 16, 17},
    {16, 17, 1},
    {17, 1, 16},
    {156, 7, 470},
    {470, 16, 13},
    {13, 156, 17},
    {7, 470, 156}
  };
  // The gradient of a bias of one element is a single number, whose terms may cancel.
  private static final int[][] MNK_HIDDEN =
      Arrays.stream(MNK).filter(size -> size[1] > 1 && size[2] > 1).toArray(int[][]::new);
  private static final int[][] BNC = {
    {1, 1, 1},
    {2, 3, 7},
    {1, 7, 13},
    {3, 13, 1},
    {7, 1, 16},
    {1, 16, 3},
    {1, 3, 17},
    {2, 156, 17},
    {1, 470, 156}
  };
  // For what is no hot path.
  private static final int[][] FEW = {{1, 1, 1}, {2, 3, 7}, {3, 13, 1}, {1, 7, 16}, {2, 156, 17}};
  private static final int[][] BNHD = {
    {1, 1, 1, 1}, {2, 7, 3, 1}, {1, 3, 1, 7}, {1, 3, 3, 13}, {1, 7, 1, 16}, {1, 13, 1, 7},
    {1, 16, 2, 3}, {1, 17, 1, 3}, {1, 16, 2, 17}, {2, 156, 1, 16}, {1, 13, 1, 156}, {1, 470, 1, 13}
  };
  private static final int[][] BTLC = {
    {1, 1, 1, 1},
    {3, 1, 7, 13},
    {2, 2, 3, 7},
    {1, 7, 13, 16},
    {1, 3, 16, 17},
    {1, 8, 7, 156},
    {1, 2, 156, 470}
  };
  private static final int[][] BTHW = {
    {1, 1, 1, 1}, {2, 3, 7, 13}, {1, 2, 16, 17}, {3, 1, 17, 16}, {1, 1, 156, 3}, {1, 2, 3, 470}
  };
  private static final int[][] BTHWTP = {
    {1, 2, 1, 1, 2, 1}, {1, 2, 4, 6, 1, 2}, {2, 4, 9, 21, 2, 3}, {1, 3, 7, 14, 3, 7},
    {1, 1, 26, 13, 1, 13}, {2, 2, 32, 48, 2, 16}, {1, 2, 17, 34, 2, 17}, {1, 1, 156, 470, 1, 2}
  };

  private static final List<Case> ALL =
      Stream.of(
              Case.of(Linear.class, "", LinearCases::plain, MNK),
              Case.of(Linear.class, "bias", LinearCases::bias, MNK),
              Case.of(Linear.class, "residual", LinearCases::residual, MNK),
              Case.of(Linear.class, "activation", LinearCases::activation, MNK),
              Case.of(FeedForward.class, "", LinearCases::feedForwardWithoutBias, MNK_HIDDEN),
              Case.of(FeedForward.class, "full", LinearCases::feedForward, MNK_HIDDEN),
              Case.of(Recompute.class, "", LinearCases::recompute, MNK_HIDDEN),
              Case.of(Attention.class, "", AttentionCases::attention, BNHD),
              Case.of(CosineAttention.class, "", AttentionCases::cosine, BNHD),
              Case.of(Add.class, "", PointwiseCases::add, MC),
              Case.of(Cast.class, "", PointwiseCases::cast, MC),
              Case.of(Scale.class, "", PointwiseCases::scale, MC),
              Case.of(LayerNorm.class, "", PointwiseCases::layerNorm, MC),
              Case.of(Softmax.class, "", PointwiseCases::softmax, MC),
              Case.of(Residual.class, "", PointwiseCases::residual, BNC),
              Case.of(Residual.class, "gamma", PointwiseCases::residualGamma, BNC),
              Case.of(Residual.class, "sampleScale", PointwiseCases::residualSampleScale, BNC),
              Case.of(Residual.class, "both", PointwiseCases::residualGammaSampleScale, BNC),
              Case.of(Dropout.class, "", PointwiseCases::dropout, BNC),
              Case.of(GatherTokens.class, "", TokenCases::gather, BNC),
              Case.of(AddPositions.class, "", TokenCases::addPositions, BNC),
              Case.of(AddPositions.class, "index", TokenCases::addIndexedPositions, BNC),
              Case.of(MaskTokens.class, "", TokenCases::maskTokens, BNC),
              Case.of(MeanTokens.class, "", TokenCases::mean, BNC),
              Case.of(Concat.class, "first", TokenCases::concatFirst, BNC),
              Case.of(Concat.class, "middle", TokenCases::concatMiddle, BNC),
              Case.of(Concat.class, "last", TokenCases::concatLast, BNC),
              Case.of(Narrow.class, "first", TokenCases::narrowFirst, BNC),
              Case.of(Narrow.class, "middle", TokenCases::narrowMiddle, BNC),
              Case.of(Narrow.class, "last", TokenCases::narrowLast, BNC),
              Case.of(MotionImportance.class, "", TokenCases::motionImportance, BTLC),
              Case.of(Argsort.class, "ascending", TokenCases::sortAscending, MC),
              Case.of(Argsort.class, "descending", TokenCases::sortDescending, MC),
              Case.of(Argsort.class, "special", TokenCases::sortSpecial, MC),
              Case.of(TakeSorted.class, "", TokenCases::takeSorted, MC),
              Case.of(NormalizeVideo.class, "", VideoCases::normalize, BTHW),
              Case.of(Patchify.class, "", VideoCases::patchify, BTHWTP),
              Case.of(PatchTargets.class, "", VideoCases::targets, BTHWTP),
              Case.of(PatchTargets.class, "normalized", VideoCases::normalizedTargets, BTHWTP),
              Case.of(MeanSquaredError.class, "", LossCases::squaredError, MC),
              Case.of(MeanSquaredError.class, "weighted", LossCases::weightedSquaredError, MC),
              Case.of(SoftTargetCrossEntropy.class, "", LossCases::crossEntropy, MC),
              Case.of(KlDivergence.class, "", LossCases::divergence, MC_CLASSES),
              Case.of(KlDivergence.class, "reverse", LossCases::reverseDivergence, MC_CLASSES),
              Case.of(Unary.class, "exp", FunctionCases::exp, FEW),
              Case.of(Unary.class, "log", FunctionCases::log, FEW),
              Case.of(Unary.class, "sqrt", FunctionCases::sqrt, FEW),
              Case.of(Unary.class, "relu", FunctionCases::relu, FEW),
              Case.of(Unary.class, "sigmoid", FunctionCases::sigmoid, FEW),
              Case.of(Unary.class, "gelu", FunctionCases::gelu, FEW),
              Case.of(Binary.class, "add leading", FunctionCases::addLeading, FEW),
              Case.of(Binary.class, "sub", FunctionCases::subtract, FEW),
              Case.of(Binary.class, "sub trailing", FunctionCases::subtractFromTrailing, FEW),
              Case.of(Binary.class, "mul", FunctionCases::multiply, FEW),
              Case.of(Binary.class, "mul middle", FunctionCases::multiplyMiddle, FEW),
              Case.of(Binary.class, "mul one", FunctionCases::multiplyByOne, FEW),
              Case.of(Binary.class, "div", FunctionCases::divide, FEW),
              Case.of(Binary.class, "div trailing", FunctionCases::divideByTrailing, FEW),
              Case.of(Where.class, "", FunctionCases::where, FEW),
              Case.of(Reduce.class, "sum first", FunctionCases::sumFirst, FEW),
              Case.of(Reduce.class, "sum last", FunctionCases::sumLast, FEW),
              Case.of(Reduce.class, "mean middle", FunctionCases::meanMiddle, FEW),
              Case.of(Reduce.class, "max middle", FunctionCases::maxMiddle, FEW),
              Case.of(Reduce.class, "max last", FunctionCases::maxLast, FEW),
              Case.of(MatMul.class, "", FunctionCases::matmul, FEW),
              Case.of(MatMul.class, "shared", FunctionCases::matmulShared, FEW),
              Case.of(Permute.class, "", LayoutCases::permute, FEW),
              Case.of(Permute.class, "inner", LayoutCases::permuteInner, FEW),
              Case.of(IndexSelect.class, "middle", LayoutCases::indexSelectMiddle, FEW),
              Case.of(IndexSelect.class, "last", LayoutCases::indexSelectLast, FEW),
              Case.of(Unfold.class, "", LayoutCases::unfold, FEW),
              Case.of(Conv1d.class, "", LayoutCases::conv, FEW),
              Case.of(Conv1d.class, "strided", LayoutCases::convStrided, FEW),
              Case.of(Conv1d.class, "depthwise", LayoutCases::convDepthwise, FEW),
              Case.of(Pool1d.class, "max", LayoutCases::maxPool, FEW),
              Case.of(Pool1d.class, "mean", LayoutCases::meanPool, FEW),
              Case.of(Kernels.class, "globalNorm", OptimizerCases::globalNorm, MC),
              Case.of(Kernels.class, "adamW", OptimizerCases::adamW, MC),
              Case.of(Kernels.class, "adamW clipped", OptimizerCases::clippedAdamW, MC))
          .flatMap(List::stream)
          .toList();

  private Cases() {}

  static List<Case> all() {
    return ALL;
  }
}
