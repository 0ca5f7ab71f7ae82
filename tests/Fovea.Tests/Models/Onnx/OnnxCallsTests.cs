using Fovea.Models.Import;
using Fovea.Models.Onnx;
using Xunit;

namespace Fovea.Tests.Models.Onnx;

/// <summary>
/// What the two exporters of PyTorch 2.14 write of modules that are called several times. A step is its modules, <c>path:class#call</c>,
/// and after a space its operator.
/// </summary>
public sealed class OnnxCallsTests
{
    private const string Row = ":torch.nn.modules.container.Sequential", Own = ":torch.nn.modules.";

    [Fact]
    public void A_sequence_called_twice_without_a_break_is_told_apart()
    {
        string[] once = [$"b{Row} b.0{Own}conv.Conv2d conv", $"b{Row} b.1{Own}activation.ReLU relu"];
        Assert.Equal(["b b.0", "b b.1", "b@1 b.0@1", "b@1 b.1@1"], Newer([.. once, .. once]));
        Assert.Equal(["b b.0", "b b.1", "b@1 b.0@1", "b@1 b.1@1", "", "b@2 b.0@2", "b@2 b.1@2"], Newer([.. once, .. once, " mul", .. once]));
    }

    [Fact]
    public void So_it_is_by_names_alone()
    {
        Assert.Equal(["b b.0", "b b.1", "b@1 b.0@1", "b@1 b.1@1"], Of("b b.0#0 Conv", "b b.1#0 Relu", "b b.0#1 Conv", "b b.1#1 Relu"));
        // Two blocks in a loop: each is left before it is called again.
        Assert.Equal(
            ["b.0 b.0.0", "b.0 b.0.1", "", "b.1 b.1.0", "", "b.0@1 b.0.0@1", "b.0@1 b.0.1@1", "", "b.1@1 b.1.0@1"],
            Of("b.0 b.0.0#0 Conv", "b.0 b.0.1#0 Relu", " Add", "b.1 b.1.0#0 Conv", " Add", "b.0 b.0.0#1 Conv", "b.0 b.0.1#1 Relu", " Add",
                "b.1 b.1.0#1 Conv"));
    }

    [Fact]
    public void A_block_with_a_step_of_its_own_is_told_apart_by_that()
    {
        // A residual block of a user's own class, called twice: its additions have numbers.
        string[] Call(int call) => [$"m m.conv#{call} Conv", $"m m.relu#{2 * call} Relu", $"m m.conv2#{call} Conv", $"m#{call} Add",
            $"m m.relu#{2 * call + 1} Relu"];
        Assert.Equal(
            ["m m.conv", "m m.relu", "m m.conv2", "m", "m m.relu@1", "m@1 m.conv@1", "m@1 m.relu@2", "m@1 m.conv2@1", "m@1", "m@1 m.relu@3"],
            Of([.. Call(0), .. Call(1)]));
    }

    [Fact]
    public void Of_a_users_block_that_repeats_its_steps_nothing_is_said()
    {
        string[] once = ["m:mine.Block m.conv:torch.nn.modules.conv.Conv2d conv", "m:mine.Block m.relu:torch.nn.modules.activation.ReLU relu"];
        Assert.Equal(["m@-1 m.conv", "m@-1 m.relu", "m@-1 m.conv@1", "m@-1 m.relu@1"], Newer([.. once, .. once]));
        Assert.Equal(["m@-1 m.conv", "m@-1 m.relu", "m@-1 m.conv@1", "m@-1 m.relu@1"],
            Of("m m.conv#0 Conv", "m m.relu#0 Relu", "m m.conv#1 Conv", "m m.relu#1 Relu"));
    }

    [Fact]
    public void A_part_used_twice_in_one_call_is_called_twice_and_the_block_once()
    {
        string Part(string name, string kind, string step) => $"m:mine.Block m.{name}{Own}{kind} {step}";
        Assert.Equal(["m m.conv", "m m.relu", "m m.conv2", "m", "m m.relu@1"],
            Newer(Part("conv", "conv.Conv2d", "conv"), Part("relu", "activation.ReLU", "relu"), Part("conv2", "conv.Conv2d", "conv"),
                "m:mine.Block add", Part("relu", "activation.ReLU", "relu")));
    }

    [Fact]
    public void A_module_of_PyTorch_that_does_one_operator_twice_is_called_once()
    {
        string[] steps = ["mul", "view", "pad", "avg_pool3d", "squeeze", "mul", "add", "pow", "div"];
        string[] lrn = [.. steps.Select(step => $"2{Own}normalization.LocalResponseNorm {step}")];
        Assert.Equal(Enumerable.Repeat("2", 9), Newer(lrn));
        Assert.Equal([.. Enumerable.Repeat("2", 9), .. Enumerable.Repeat("2@1", 9)], Newer([.. lrn, .. lrn]));
        string relu = $"r{Own}activation.ReLU relu";
        Assert.Equal(["r", "r@1", "r@2"], Newer(relu, relu, relu));
    }

    [Fact]
    public void A_step_without_a_place_breaks_nothing()
    {
        var places = new[] { Place("b b.0#0 Conv", 0), OnnxPlace.Unknown, Place("b b.1#0 Relu", 2) };
        Assert.Equal(["b b.0", "", "b b.1"], Words(OnnxCalls.Of(places)));
    }

    private static string[] Newer(params string[] steps) => Of(steps);

    private static string[] Of(params string[] steps) => Words(OnnxCalls.Of([.. steps.Select(Place)]));

    private static string[] Words(IReadOnlyList<IReadOnlyList<ModuleCall>> calls) => [.. calls.Select(one => string.Join(' ', one.Select(call => call.Name)))];

    private static OnnxPlace Place(string step, int number)
    {
        string[] words = step.Split(' ');
        return new OnnxPlace([.. words[..^1].Where(word => word.Length > 0).Select(Module)], words[^1], $"{words[^1]}_{number}");
    }

    private static OnnxModule Module(string word)
    {
        string[] call = word.Split('#'), name = call[0].Split(':');
        return new OnnxModule(name[0], name.Length > 1 ? name[1] : "", call.Length > 1 ? int.Parse(call[1], System.Globalization.CultureInfo.InvariantCulture) : null);
    }
}
