namespace Fovea.Tests.Shared;

/// <summary>Programs that tests begin with.</summary>
internal static class SmallPrograms
{
    /// <summary>Convolution, batch normalisation, an in-place ReLU, a second call of it, pooling, a linear layer.</summary>
    /// <param name="batch">Images at a time; −1: any.</param>
    /// <param name="training">Exported in training mode.</param>
    /// <param name="classes">Numbers in an answer.</param>
    /// <param name="side">Pixels of the images' sides.</param>
    /// <param name="probabilities">A softmax after the linear layer.</param>
    public static ProgramFile Classifier(
        long batch = -1, bool training = false, int classes = 4, int side = 8, bool probabilities = false)
    {
        var p = new ProgramFile();
        ProgramFile.Name conv = p.Parameter("conv.weight", [6, 3, 3, 3], Numbers(162, 1)), scale = p.Parameter(
            "bn.weight", [6], Numbers(6, 2)), shift = p.Parameter("bn.bias", [6], Numbers(6, 3));
        ProgramFile.Name weight = p.Parameter("fc.weight", [classes, 6], Numbers(classes * 6, 4)), bias = p.Parameter(
            "fc.bias", [classes], Numbers(classes, 5));
        ProgramFile.Name mean = p.Buffer("bn.running_mean", [6], Numbers(6, 6)), variance = p.Buffer(
            "bn.running_var", [6], [.. Numbers(6, 7).Select(x => 1 + x * x)]);
        p.Buffer("bn.num_batches_tracked", [], [5L]);
        p.Images(batch, 3, side, side);
        ProgramFile.Name x = p.Step(
            "aten.conv2d.default", "conv2d", [batch, 6, side, side], "conv", ("input", new ProgramFile.Name("x")), ("weight", conv),
                ("bias", null),
            ("stride", new[] { 1L, 1 }), ("padding", new[] { 1L, 1 }));
        if (training)
            p.Step("aten.add_.Tensor", "counted", [], "bn", ("self", new ProgramFile.Name("b_bn_num_batches_tracked")), ("other", 1));
        x = p.Step("aten.batch_norm.default", "batch_norm", [batch, 6, side, side], "bn", ("input", x), ("weight", scale), ("bias", shift),
            ("running_mean", mean), ("running_var", variance),
            ("training", training), ("momentum", 0.1), ("eps", 1e-5));
        x = p.Step("aten.relu_.default", "relu_", [batch, 6, side, side], "relu", ("self", x));
        ProgramFile.Name shortcut = x;
        x = p.Step("aten.sub.Tensor", "sub", [batch, 6, side, side], "", ("self", x), ("other", 0.25));
        x = p.Step("aten.relu_.default", "relu__1", [batch, 6, side, side], "relu@1", ("self", x));
        x = p.Step("aten.add_.Tensor", "add_", [batch, 6, side, side], "", ("self", x), ("other", shortcut));
        x = p.Step("aten.adaptive_avg_pool2d.default", "pool", [batch, 6, 1, 1], "avgpool", ("self", x), ("output_size", new[] { 1L, 1 }));
        x = p.Step("aten.view.default", "view", [batch, 6], "", ("self", x),
            ("size", batch < 0 ? (object)new[] { -1L, 6 } : new[] { batch, 6 }));
        x = p.Step("aten.dropout.default", "dropout", [batch, 6], "drop", ("input", x), ("p", 0.5), ("train", training));
        x = p.Step("aten.linear.default", "linear", [batch, classes], "fc", ("input", x), ("weight", weight), ("bias", bias));
        if (probabilities) x = p.Step("aten.softmax.int", "softmax", [batch, classes], "softmax", ("self", x), ("dim", -1));
        p.Output(x);
        return p;
    }

    /// <summary>A network without a classifier: convolution, ReLU, a second convolution, pooling; its answer is [N, 6, 1, 1].</summary>
    /// <param name="side">Pixels of the images' sides.</param>
    public static ProgramFile Extractor(int side = 8)
    {
        var p = new ProgramFile();
        ProgramFile.Name first = p.Parameter("first.weight", [8, 3, 3, 3], Numbers(216, 1)), second = p.Parameter(
            "second.weight", [6, 8, 1, 1], Numbers(48, 2));
        p.Images(-1, 3, side, side);
        long[] half = [side / 2, side / 2];
        ProgramFile.Name x = p.Step("aten.conv2d.default", "conv2d", [-1, 8, .. half], "first", ("input", new ProgramFile.Name("x")),
            ("weight", first), ("bias", null), ("stride", new[] { 2L, 2 }), ("padding", new[] { 1L, 1 }));
        x = p.Step("aten.relu_.default", "relu_", [-1, 8, .. half], "relu", ("self", x));
        x = p.Step("aten.max_pool2d.default", "max_pool2d", [-1, 8, side / 4, side / 4], "pool", ("self", x),
            ("kernel_size", new[] { 2L, 2 }), ("stride", new[] { 2L, 2 }));
        x = p.Step("aten.conv2d.default", "conv2d_1", [-1, 6, side / 4, side / 4], "second", ("input", x), ("weight", second),
            ("bias", null));
        x = p.Step("aten.adaptive_avg_pool2d.default", "mean", [-1, 6, 1, 1], "avgpool", ("self", x), ("output_size", new[] { 1L, 1 }));
        p.Output(x);
        return p;
    }

    /// <summary>All pixels go into a linear layer: it takes one size of images alone.</summary>
    public static ProgramFile Flat(int side)
    {
        var p = new ProgramFile();
        ProgramFile.Name weight = p.Parameter("fc.weight", [4, 3 * side * side], Numbers(12 * side * side, 1));
        p.Images(-1, 3, side, side);
        ProgramFile.Name x = p.Step("aten.relu.default", "relu", [-1, 3, side, side], "", ("self", new ProgramFile.Name("x")));
        x = p.Step("aten.flatten.using_ints", "flatten", [-1, 3 * side * side], "", ("self", x), ("start_dim", 1));
        p.Output(p.Step("aten.linear.default", "linear", [-1, 4], "fc", ("input", x), ("weight", weight), ("bias", null)));
        return p;
    }

    /// <summary>A convolution and a linear layer over all of its positions: it takes images of one height and width alone.</summary>
    public static ProgramFile Wide(int height, int width)
    {
        var p = new ProgramFile();
        (int rows, int columns) = (height / 4, width / 4);
        ProgramFile.Name first = p.Parameter("first.weight", [8, 3, 4, 4], Numbers(384, 1)), weight = p.Parameter(
            "fc.weight", [24, 8 * rows * columns], Numbers(24 * 8 * rows * columns, 2));
        p.Images(-1, 3, height, width);
        ProgramFile.Name x = p.Step("aten.conv2d.default", "conv2d", [-1, 8, rows, columns], "first", ("input", new ProgramFile.Name("x")),
            ("weight", first), ("bias", null), ("stride", new[] { 4L, 4 }));
        x = p.Step("aten.relu.default", "relu", [-1, 8, rows, columns], "relu", ("self", x));
        x = p.Step("aten.flatten.using_ints", "flatten", [-1, 8 * rows * columns], "", ("self", x), ("start_dim", 1));
        p.Output(p.Step("aten.linear.default", "linear", [-1, 24], "fc", ("input", x), ("weight", weight), ("bias", null)));
        return p;
    }

    /// <summary>Takes uint8 images with colours last; its answer is the means of their colours as parts of 255.</summary>
    public static ProgramFile WholeNumbers(int side)
    {
        var p = new ProgramFile();
        p.ImagesOf(1, -1, side, side, 3);
        ProgramFile.Name x = p.Step("aten.permute.default", "permute", [-1, 3, side, side], "", ("self", new ProgramFile.Name("x")),
            ("dims", new[] { 0L, 3, 1, 2 }));
        p.TypeOf(x, 1);
        x = p.Step("aten.to.dtype", "to", [-1, 3, side, side], "", ("self", x), ("dtype", new ProgramFile.Type(7)));
        x = p.Step("aten.div.Tensor", "div", [-1, 3, side, side], "", ("self", x), ("other", 255));
        x = p.Step("aten.relu.default", "relu", [-1, 3, side, side], "relu", ("self", x));
        p.Output(p.Step("aten.mean.dim", "mean", [-1, 3], "", ("self", x), ("dim", new[] { 2L, 3 })));
        return p;
    }

    /// <summary>Images with a number taken away and divided by another: a graph before a graph.</summary>
    public static ProgramFile Scaling(double subtract, double divide, int side = 8)
    {
        var p = new ProgramFile();
        p.Images(-1, 3, side, side);
        ProgramFile.Name x = p.Step("aten.sub.Tensor", "sub", [-1, 3, side, side], "", ("self", new ProgramFile.Name("x")),
            ("other", subtract));
        p.Output(p.Step("aten.div.Tensor", "div", [-1, 3, side, side], "", ("self", x), ("other", divide)));
        return p;
    }

    /// <summary>The same numbers every time, about normal.</summary>
    public static float[] Numbers(int count, ulong seed)
    {
        var random = new Fovea.Numerics.CounterRandom(seed, "program", 0);
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.NextGaussian() * 0.5f)];
    }
}
