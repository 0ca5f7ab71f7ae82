using static TorchSharp.torch;

namespace Fovea.Tests.Models.Onnx;

/// <summary>Small networks as ONNX files.</summary>
internal static class SmallNets
{
    /// <summary>
    /// Convolution, normalisation, ReLU, a shortcut, pooling and a linear layer, with the sizes of a reshape calculated from the batch.
    /// </summary>
    public static OnnxNet Classifier(long batch = 0)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(7);
        return new OnnxNet().Images(batch, 8, 8)
            .Tensor("conv.weight", randn(6, 3, 3, 3) * 0.3).Tensor("conv.bias", randn(6) * 0.1)
            .Tensor("bn.weight", rand(6) + 0.5).Tensor("bn.bias", randn(6) * 0.1).Tensor("bn.running_mean", randn(6) * 0.1)
            .Tensor("bn.running_var", rand(6) + 0.5).Tensor("fc.weight", randn(5, 96)).Tensor("fc.bias", randn(5))
            .Tensor("minus", tensor([-1L]))
            .Node("Conv", ["x", "conv.weight", "conv.bias"], ["conv"], ("kernel_shape", new[] { 3, 3 }), ("pads", new[] { 1, 1, 1, 1 }))
            .Node("BatchNormalization", ["conv", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"], ["bn"], ("epsilon", 1e-5))
            .Node("Relu", "bn", "relu").Node("Add", ["relu", "conv"], ["sum"])
            .Node("MaxPool", "sum", "pool", ("kernel_shape", new[] { 2, 2 }), ("strides", new[] { 2, 2 }))
            .Node("Shape", "pool", "sizes", ("start", 0), ("end", 1)).Node("Concat", ["sizes", "minus"], ["rows"], ("axis", 0))
            .Node("Reshape", ["pool", "rows"], ["flat"])
            .Node("Gemm", ["flat", "fc.weight", "fc.bias"], ["logits"], ("transB", 1)).Output("logits", 1, batch, 5);
    }

    /// <summary>A condition, a loop, a list of values and a function, all of which are gone when the network is read.</summary>
    public static OnnxNet Constants()
    {
        using var scope = NewDisposeScope();
        OnnxBytes yes = new OnnxNet().Node("Relu", "x", "t").Output("t").Graph, no = new OnnxNet().Node("Neg", "x", "e").Output("e").Graph;
        OnnxBytes body = new OnnxNet().Scalar("i", 7).Scalar("c", 9).Input("v", 1).Node("Identity", "c", "d")
            .Node("Add", ["v", "v"], ["w"]).Output("d", 9).Output("w").Graph;
        OnnxBytes function = new OnnxBytes().Text(1, "Twice").Text(4, "a").Text(5, "b").Text(10, "mine")
            .Message(9, new OnnxBytes().Whole(2, 17)).Message(7, OnnxNet.NodeOf("Add", ["a", "a"], ["b"], []));
        return new OnnxNet().Images(0, 6, 6).Function(function)
            .Node("Constant", [], ["rounds"], ("value", tensor(3L))).Node("Constant", [], ["on"], ("value", tensor(true)))
            .Node("If", ["on"], ["chosen"], ("then_branch", yes), ("else_branch", no))
            .Node("Loop", ["rounds", "on", "chosen"], ["doubled"], ("body", body))
            .Node("SequenceConstruct", ["doubled", "chosen"], ["list"]).Node("Constant", [], ["last"], ("value_int", -1))
            .Node("ConcatFromSequence", ["list"], ["joined"], ("axis", 1))
            .Node("SequenceAt", ["list", "last"], ["second"])
            .Add(1, OnnxNet.NodeOf("Twice", ["joined"], ["more"], [], domain: "mine"))
            .Node("GlobalAveragePool", "more", "pooled").Node("Flatten", "pooled", "logits").Output("logits", 1, 0, 6).Output("second");
    }

    /// <summary>Rows of numbers as transformers have them, pieces cut and joined, sampling, tables of positions.</summary>
    public static OnnxNet Rows()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(8);
        return new OnnxNet(20).Images(0, 8, 8)
            .Tensor("conv", randn(4, 3, 2, 2) * 0.3).Tensor("rows", tensor([0L, 4, -1])).Tensor("scale", ones(4))
                .Tensor("qkv", randn(4, 12))
            .Tensor("pads", tensor([0L, 0, 1, 1, 0, 0, 1, 1])).Tensor("scales", tensor([1f, 1, 2, 2])).Tensor("places", tensor([2L, 0, 1]))
            .Tensor("one", tensor([1L])).Tensor("start", tensor([0L, 1])).Tensor("end", tensor([4L, 100])).Tensor("axes", tensor([1L, 2]))
            .Tensor("token", randn(1, 1, 4)).Tensor("minus", tensor([-1L, -1, -1])).Tensor("zero", tensor(0L)).Tensor("head", randn(4, 5))
            .Node("Pad", ["x", "pads"], ["padded"], ("mode", "reflect"))
            .Node("Resize", ["padded", "", "scales"], ["large"], ("mode", "linear"), ("coordinate_transformation_mode", "half_pixel"))
            .Node("Conv", ["large", "conv"], ["patches"], ("strides", new[] { 2, 2 }), ("group", 1))
            .Node("Reshape", ["patches", "rows"], ["flat"]).Node("Transpose", "flat", "tokens", ("perm", new[] { 0, 2, 1 }))
            .Node("Shape", "tokens", "sizes").Node("Gather", ["sizes", "zero"], ["batch"], ("axis", 0))
            .Node("Unsqueeze", ["batch", "zero1"], ["batches"]).Tensor("zero1", tensor([0L]))
            .Node("Concat", ["batches", "one", "one"], ["wide"], ("axis", 0)).Node("Expand", ["token", "wide"], ["class"])
            .Node("Concat", ["class", "tokens"], ["all"], ("axis", 1))
            .Node("LayerNormalization", ["all", "scale", "scale"], ["normal"], ("axis", -1)).Node("MatMul", ["normal", "qkv"], ["three"])
            .Node("Split", ["three"], ["q", "k", "v"], ("axis", 2), ("num_outputs", 3))
            .Node("Transpose", "k", "turned", ("perm", new[] { 0, 2, 1 })).Node("MatMul", ["q", "turned"], ["scores"])
            .Node("Softmax", "scores", "weights", ("axis", -1)).Node("MatMul", ["weights", "v"], ["mixed"])
            .Node("Slice", ["mixed", "start", "end", "axes"], ["cut"]).Node("Gather", ["cut", "places"], ["picked"], ("axis", 2))
            .Node("Einsum", ["picked", "cut"], ["products"], ("equation", "bij,bkj->bik"))
            .Node("ReduceMean", ["products", "one"], ["means"], ("keepdims", 0)).Node("Gelu", "means", "active")
            .Node("MatMul", ["active", "head"], ["logits"]).Output("logits", 1, 0, 5);
    }

    /// <summary>Whole numbers with colours last, scaled and brought to the images' size again after a convolution.</summary>
    /// <param name="height">Pixels; 0: open.</param>
    /// <param name="width">Pixels; 0: open.</param>
    public static OnnxNet ColoursLast(long height, long width)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(9);
        return new OnnxNet().Input("x", 2, 0, height, width, 3).Tensor("scale", tensor([0.02f, 0.01f, 0.03f]))
            .Tensor("conv", randn(6, 3, 3, 3) * 0.3).Tensor("head", randn(6, 5))
            .Node("Cast", "x", "numbers", ("to", 1)).Node("Mul", ["numbers", "scale"], ["scaled"])
            .Node("Transpose", "scaled", "first", ("perm", new[] { 0, 3, 1, 2 }))
            .Node("Conv", ["first", "conv"], ["maps"], ("auto_pad", "SAME_UPPER"), ("strides", new[] { 2, 2 }))
            .Node("Shape", "first", "sides", ("start", 2), ("end", 4)).Node("Shape", "maps", "rows", ("start", 0), ("end", 2))
            .Node("Concat", ["rows", "sides"], ["sizes"], ("axis", 0))
            .Node("Resize", ["maps", "", "", "sizes"], ["large"], ("mode", "linear"), ("coordinate_transformation_mode", "half_pixel"))
            .Node("Relu", "large", "relu").Node("Transpose", "relu", "last", ("perm", new[] { 0, 2, 3, 1 }))
            .Node("ReduceMean", "last", "pooled", ("axes", new[] { 1, 2 }), ("keepdims", 0))
            .Node("MatMul", ["pooled", "head"], ["logits"]).Output("logits", 1, 0, 5);
    }

    /// <summary>A network that reads the tensor <c>w</c>, <c>[4, 4]</c>.</summary>
    public static byte[] WithWeight(OnnxBytes tensor)
    {
        using var scope = NewDisposeScope();
        return new OnnxNet().Images(0, 8, 8).Add(5, tensor).Tensor("conv", ones(4, 3, 1, 1))
            .Node("Conv", ["x", "conv"], ["a"]).Node("GlobalAveragePool", "a", "b").Node("Flatten", "b", "c")
            .Node("MatMul", ["c", "w"], ["y"]).Output("y").Bytes();
    }

    /// <summary>A tensor <c>[4, 4]</c> whose numbers lie in another file.</summary>
    public static OnnxBytes Outside(string name, string location, params (string Key, string Value)[] more)
    {
        OnnxBytes tensor = new OnnxBytes().Whole(1, 4).Whole(1, 4).Whole(2, 1).Text(8, name).Whole(14, 1);
        foreach (var (key, value) in ((string, string)[])[("location", location), .. more])
            tensor.Message(13, new OnnxBytes().Text(1, key).Text(2, value));
        return tensor;
    }
}
