"""TensorFlow ops that the converters to TFLite and ONNX have an answer to.

Tables rather than questions to the converters: those take seconds to import. TFLITE: builtin
legalizations and lowerings of TensorFlow 2.19's converter. ONNX: the handlers that tf2onnx 1.17
registers, less strings, queues and TFLite's own.
"""

_TFLITE = """
    Abs Add AddN AddV2 All Any ArgMax ArgMin Atan2 AvgPool BatchMatMul BatchMatMulV2 BatchMatMulV3
    BatchToSpaceND BiasAdd Bitcast BitwiseXor BroadcastArgs BroadcastTo Bucketize Cast Ceil
    CheckNumerics Complex ComplexAbs Concat ConcatV2 Const Conv2D Conv2DBackpropInput Conv3D
    Conv3DBackpropInputV2 Cos Cumsum DepthToSpace DepthwiseConv2dNative Div DivNoNan Einsum Elu
    EnsureShape Equal Exp ExpandDims Expm1 FakeQuantWithMinMaxArgs FakeQuantWithMinMaxVars Fill
    Floor FloorDiv FloorMod FusedBatchNorm FusedBatchNormV2 FusedBatchNormV3 Gather GatherNd
    GatherV2 Greater GreaterEqual Identity IdentityN If Imag Inv IsFinite IsInf IsNan L2Loss LRN
    LeakyRelu Less LessEqual Log Log1p LogSoftmax LogicalAnd LogicalNot LogicalOr MatMul
    MatrixBandPart MatrixDiag MatrixDiagV2 MatrixDiagV3 MatrixSetDiag MatrixSetDiagV3 Max MaxPool
    Maximum Mean Min Minimum MirrorPad Mul Multinomial Neg NoOp NonMaxSuppressionV3
    NonMaxSuppressionV4 NonMaxSuppressionV5 NotEqual OneHot OnesLike Pack Pad PadV2 Placeholder
    PlaceholderWithDefault Pow PreventGradient Prod QuantizeAndDequantizeV2
    QuantizeAndDequantizeV4 RFFT2D RandomStandardNormal RandomUniform Range Rank Real RealDiv
    Reciprocal Relu Relu6 Reshape ResizeBilinear ResizeNearestNeighbor ReverseSequence ReverseV2
    RightShift Rint Roll Round Rsqrt ScatterNd SegmentSum Select SelectV2 Selu Shape Sigmoid Sign
    Sin Size Slice Snapshot Softmax SoftmaxCrossEntropyWithLogits Softplus SpaceToBatchND
    SpaceToDepth SparseToDense Split SplitV Sqrt Square SquaredDifference Squeeze StatelessIf
    StatelessWhile StopGradient StridedSlice Sub Sum Tanh Tile TopKV2 Transpose TruncateDiv Unique
    Unpack UnsortedSegmentMax UnsortedSegmentMin UnsortedSegmentProd UnsortedSegmentSum Where
    While Xdivy Xlogy ZerosLike
"""

_ONNX = """
    Abs Acos Acosh Add AddN AddV2 AdjustContrastv2 AdjustHue AdjustSaturation All Any ArgMax
    ArgMin Asin Asinh Atan Atan2 Atanh AvgPool AvgPool3D BatchMatMul BatchMatMulV2 BatchMatMulV3
    BatchToSpaceND BiasAdd BiasAddV1 Bincount BitwiseAnd BitwiseOr BitwiseXor BroadcastTo
    CTCGreedyDecoder Cast Ceil CheckNumerics ClipByValue CombinedNonMaxSuppression ComplexAbs
    Concat ConcatV2 Const ConstV2 Conv1D Conv2D Conv2DBackpropInput Conv3D Conv3DBackpropInputV2
    Cos Cosh CropAndResize CudnnRNN Cumprod Cumsum DenseBincount DepthToSpace DepthwiseConv2d
    DepthwiseConv2dNative Div DivNoNan Dropout DynamicPartition DynamicStitch Einsum Elu
    EnsureShape Equal Erf Exp ExpandDims ExtractImagePatches FFT FakeQuantWithMinMaxArgs
    FakeQuantWithMinMaxVars Fill Flatten Floor FloorDiv FloorMod FusedBatchNorm FusedBatchNormV2
    FusedBatchNormV3 Gather GatherNd GatherV2 Greater GreaterEqual HardSwish Identity IdentityN
    If Invert InvertPermutation IsFinite IsInf IsNan L2Normalization LRN LSTMBlockCell LeakyRelu
    LeftShift Less LessEqual Log LogSoftmax LogicalAnd LogicalNot LogicalOr Loop MatMul
    MatrixBandPart MatrixDeterminant MatrixDiag MatrixDiagPart MatrixDiagPartV2 MatrixDiagPartV3
    MatrixDiagV2 MatrixDiagV3 MatrixInverse MatrixSetDiagV3 Max MaxPool MaxPool3D MaxPoolV2
    MaxPoolWithArgmax Maximum Mean Min Minimum MirrorPad Mul Multinomial Neg NoOp
    NonMaxSuppressionV2 NonMaxSuppressionV3 NonMaxSuppressionV4 NonMaxSuppressionV5 NotEqual
    OneHot OnesLike Pack Pad PadV2 ParallelDynamicStitch Placeholder PlaceholderV2
    PlaceholderWithDefault Pow Prelu Prod RFFT RFFT2D RandomNormal RandomNormalLike RandomShuffle
    RandomStandardNormal RandomUniform RandomUniformInt RandomUniformLike Range RealDiv Reciprocal
    Relu Relu6 Reshape ResizeArea ResizeBicubic ResizeBilinear ResizeNearestNeighbor
    ReverseSequence ReverseV2 RightShift Rint Roll Round Rsqrt ScatterNd SegmentMax SegmentMean
    SegmentMin SegmentProd SegmentSum Select SelectV2 Selu Shape Sigmoid Sign Sin Sinh Size Slice
    Softmax SoftmaxCrossEntropyWithLogits Softplus Softsign SpaceToBatchND SpaceToDepth
    SparseFillEmptyRows SparseReshape SparseSegmentMean SparseSegmentSqrtN SparseSegmentSum
    SparseSoftmaxCrossEntropyWithLogits SparseToDense Split SplitV Sqrt Square SquaredDifference
    SquaredDistance Squeeze StatelessIf StatelessWhile StopGradient StridedSlice Sub Sum Tan Tanh
    TensorListFromTensor TensorListGetItem TensorListLength TensorListReserve TensorListResize
    TensorListSetItem TensorListStack TensorScatterAdd TensorScatterMax TensorScatterMin
    TensorScatterSub TensorScatterUpdate Tile TopKV2 Transpose TruncateDiv Unique UniqueWithCounts
    Unpack UnsortedSegmentMax UnsortedSegmentMin UnsortedSegmentProd UnsortedSegmentSum Where
    While ZerosLike
"""

TFLITE = frozenset(_TFLITE.split())
ONNX = frozenset(_ONNX.split())
