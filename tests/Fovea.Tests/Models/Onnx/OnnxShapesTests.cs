using Fovea.Models.Graph;
using Fovea.Models.Onnx;
using Fovea.Numerics;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Onnx;

/// <summary>The rules for sizes against the operations themselves, run on zeros with attributes drawn from a seed.</summary>
public class OnnxShapesTests
{
    public static TheoryData<string> Names =>
    [
        "conv1d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "max_pool3d", "avg_pool_uneven", "lp_pool", "take", "gather",
        "pad_by", "resize", "grid_sample", "argmax", "argmin", "l1_norm", "logsumexp", "instance_norm", "cumsum", "isnan", "isinf", "logical_and",
        "logical_or", "logical_xor", "softsign", "shrink", "prelu_broadcast",
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_rule_gives_the_sizes_that_a_run_gives(string name)
    {
        int made = 0, refused = 0;
        for (int i = 0; i < 60; i++)
        {
            using var scope = NewDisposeScope();
            var random = new CounterRandom(3, name, i);
            (OperatorAttributes attributes, Tensor[] inputs) = Drawn(name, random);
            (long[] Sizes, ScalarType Type)? run = Ran(name, attributes, inputs);
            (long[] Sizes, ScalarType Type)? rule = null;
            bool tried = false;
            try
            {
                var shapes = inputs.Select(one => ((long[], ScalarType)?)(one.shape, one.dtype)).ToArray();
                rule = OnnxShapes.Of(name, attributes, shapes, 2, () => { tried = true; return [.. inputs]; })[0];
            }
            catch (OnnxRefusedException)
            {
            }
            Assert.False(tried, "The sizes were found by a run.");
            if (run is null)
            {
                refused++;
                continue;
            }
            Assert.NotNull(rule);
            Assert.Equal(run.Value.Sizes, rule.Value.Sizes);
            Assert.Equal(run.Value.Type, rule.Value.Type);
            made++;
        }
        Assert.True(made >= 30, $"{made} of 60 could be run, {refused} not.");
    }

    [Theory]
    [InlineData("conv_transpose2d")]
    [InlineData("pad_by")]
    [InlineData("resize")]
    public void What_would_take_gigabytes_is_refused_by_its_sizes(string name)
    {
        OperatorAttributes attributes = name switch
        {
            "conv_transpose2d" => new() { ["stride"] = new long[] { 60_000, 60_000 } },
            "pad_by" => new() { ["before"] = new long[] { 0, 0, 0, 0 }, ["after"] = new long[] { 0, 0, 60_000, 60_000 } },
            _ => new() { ["axes"] = new long[] { 2, 3 }, ["sizes"] = new long[] { 60_000, 60_000 } },
        };
        (long[], ScalarType)?[] shapes = [([2, 3, 8, 8], ScalarType.Float32), .. name == "conv_transpose2d"
            ? new (long[], ScalarType)?[] { ([3, 4, 2, 2], ScalarType.Float32) } : []];
        Assert.Throws<OnnxRefusedException>(() => OnnxShapes.Of(name, attributes, shapes, 2, () => throw new InvalidOperationException("was run")));
    }

    private static (long[], ScalarType)? Ran(string name, OperatorAttributes attributes, Tensor[] inputs)
    {
        using var mode = new ForwardMode();
        try
        {
            var (one, many) = Operators.Get(name).Bind(attributes);
            var call = new OperatorCall(inputs, mode, -1, 2);
            Tensor result = one is not null ? one(call) : many!(call)[0];
            return (result.shape, result.dtype);
        }
        catch (Exception e) when (e is FoveaException or System.Runtime.InteropServices.ExternalException or ArgumentException)
        {
            return null;
        }
    }

    private static (OperatorAttributes, Tensor[]) Drawn(string name, CounterRandom random)
    {
        long Any(int from, int to) => from + random.NextInt(to - from + 1);
        long[] Many(int count, int from, int to) => [.. Enumerable.Range(0, count).Select(_ => Any(from, to))];
        int rank = name.EndsWith("1d", StringComparison.Ordinal) ? 1 : name.EndsWith("3d", StringComparison.Ordinal) ? 3 : 2;
        var a = new OperatorAttributes();
        switch (name)
        {
            case "conv1d" or "conv3d" or "conv_transpose1d" or "conv_transpose2d" or "conv_transpose3d":
                long groups = Any(1, 2);
                bool transposed = name.Contains("transpose", StringComparison.Ordinal);
                a["stride"] = Many(rank, 1, 3);
                a["padding"] = Many(rank, 0, 1);
                a["dilation"] = Many(rank, 1, 2);
                a["groups"] = groups;
                if (transposed && random.NextInt(2) == 0) a["output_padding"] = Many(rank, 0, 1);
                long[] kernel = Many(rank, 1, 3);
                return (a, [zeros([2, 4, .. Many(rank, 4, 9)]), zeros([transposed ? 4 : 6, transposed ? 3 : 4 / groups, .. kernel])]);
            case "max_pool3d" or "avg_pool_uneven" or "lp_pool":
                if (name != "max_pool3d") rank = (int)Any(1, 3);
                a["kernel"] = Many(rank, 2, 3);
                if (random.NextInt(3) > 0) a["stride"] = Many(rank, 1, 3);
                a["padding"] = Many(rank, 0, 1);
                if (name != "max_pool3d" && random.NextInt(2) == 0) a["end"] = Many(rank, 0, 1);
                a["dilation"] = Many(rank, 1, 2);
                a["ceil"] = random.NextInt(2) == 0;
                return (a, [zeros([2, 3, .. Many(rank, 5, 9)])]);
            case "take":
                a["dim"] = Any(-3, 2);
                return (a, [zeros(2, 3, 4), zeros(Many((int)Any(0, 2), 1, 5), dtype: int64)]);
            case "gather":
                a["dim"] = Any(-3, 2);
                return (a, [zeros(2, 3, 4), zeros(Many(3, 1, 2), dtype: int64)]);
            case "pad_by":
                a["before"] = Many(4, -1, 2);
                a["after"] = Many(4, -1, 2);
                string[] modes = ["constant", "edge", "reflect", "wrap"];
                a["mode"] = modes[random.NextInt(modes.Length)];
                if (a.Text("mode") != "constant") return (new() { ["before"] = Many(4, 0, 2), ["after"] = Many(4, 0, 2), ["mode"] = a.Text("mode") }, [zeros(2, 3, 4, 5)]);
                return (a, [zeros(2, 3, 4, 5)]);
            case "resize":
                a["axes"] = new long[] { 2, 3 };
                bool scaled = random.NextInt(2) == 0;
                a["sizes"] = scaled ? new long[] { 0, 0 } : Many(2, 1, 12);
                if (scaled)
                {
                    a["scale.0"] = (double)(0.3f + 2 * random.NextInt(100) / 100f);
                    a["scale.1"] = (double)(0.3f + 2 * random.NextInt(100) / 100f);
                }
                else
                {
                    string[] policies = ["stretch", "not_larger", "not_smaller"];
                    a["policy"] = policies[random.NextInt(policies.Length)];
                }
                string[] ways = ["nearest", "linear", "cubic"];
                a["mode"] = ways[random.NextInt(ways.Length)];
                return (a, [zeros([2, 3, .. Many(2, 3, 9)])]);
            case "grid_sample": return (a, [zeros(2, 3, 4, 5), zeros([2, .. Many(2, 1, 7), 2])]);
            case "argmax" or "argmin":
                a["dim"] = Any(-3, 2);
                a["keepdim"] = random.NextInt(2) == 0;
                a["last"] = random.NextInt(2) == 0;
                return (a, [zeros(Many(3, 1, 5))]);
            case "l1_norm" or "logsumexp":
                if (random.NextInt(3) > 0) a["dims"] = random.NextInt(2) == 0 ? new[] { Any(-3, 2) } : new[] { 0L, 2 };
                a["keepdim"] = random.NextInt(2) == 0;
                return (a, [zeros(Many(3, 1, 5))]);
            case "instance_norm": return (a, [zeros([2, 3, .. Many((int)Any(1, 3), 2, 5)]), zeros(3), zeros(3)]);
            case "cumsum":
                a["dim"] = Any(-3, 2);
                a["reverse"] = random.NextInt(2) == 0;
                a["exclusive"] = random.NextInt(2) == 0;
                return (a, [zeros(Many(3, 1, 5))]);
            case "logical_and" or "logical_or" or "logical_xor": return (a, [zeros([3, 1, 5], dtype: @bool), zeros(Many(2, 1, 1), dtype: @bool)]);
            case "prelu_broadcast": return (a, [zeros(2, 3, 4), zeros(3, 1)]);
            default: return (a, [zeros(Many(3, 1, 5))]);
        }
    }
}
