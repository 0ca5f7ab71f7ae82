using Fovea.Numerics;
using Violating.Bodies;
using Xunit;

namespace Fovea.Tests.Architecture;

/// <summary>Each rule finds a small breach of it, and only that.</summary>
public sealed class ViolationTests
{
    private static Type[] In(string space) =>
        [.. typeof(ViolationTests).Assembly.GetTypes().Where(type => type.Namespace == $"Violating.{space}")];

    [Fact]
    public void A_room_that_knows_a_later_one_is_found_by_bodies_and_by_fields()
    {
        string[] found = [.. Rules.NamespaceOrder([.. In("Low"), .. In("Later")], "Violating", ["Low", "Later"])];
        Assert.Contains(
            found, one => one.StartsWith("Violating.Low.KnowsLater+", StringComparison.Ordinal)
                && one.Contains("Violating.Later.Runner", StringComparison.Ordinal));
        Assert.Contains(
            found, one => one.StartsWith("Violating.Low.KnowsLaterByField knows Violating.Later.Runner", StringComparison.Ordinal));
        Assert.All(found, one => Assert.StartsWith("Violating.Low", one));
        Assert.Empty(Rules.NamespaceOrder([.. In("Later")], "Violating", ["Low", "Later"]));
    }

    [Fact]
    public void A_room_that_is_not_in_the_plan_is_found() =>
        Assert.Contains(
            "is no room", Assert.Single(Rules.NamespaceOrder(In("Elsewhere"), "Violating", ["Low", "Later"])), StringComparison.Ordinal);

    [Fact]
    public void An_open_class_from_which_nothing_derives_is_found() =>
        Assert.StartsWith("Violating.Later.Open ", Assert.Single(Rules.Sealed(In("Later"))));

    [Fact]
    public void Derivatives_outside_the_guard_are_found() =>
        Assert.Equal(
            ["Gradient", "Backward"], Rules.GuardedDerivatives([typeof(Unguarded)], typeof(Gradients))
                .Select(one => one.Split(' ')[0].Split('.')[^1]));

    [Fact]
    public void Products_outside_the_guard_are_found() =>
        Assert.Contains(".Multiplied calls Tensor.matmul", Assert.Single(Rules.GuardedProducts([typeof(Unguarded)], typeof(Gradients))));

    [Fact]
    public void Files_opened_outside_the_guard_are_found() =>
        Assert.Equal(
            ["All", "Mapped", "Opened"], Rules.GuardedFiles([typeof(UnguardedFiles)], typeof(Gradients))
                .Select(one => one.Split(' ')[0].Split('.')[^1]));

    [Fact]
    public void A_path_of_an_unchecked_word_is_found() =>
        Assert.Equal(
            ["Interpolated", "Unchecked"], Rules.SafePaths([typeof(Paths)], "Violating.Settings")
                .Select(one => one.Split(' ')[0].Split('.')[^1]));

    [Fact]
    public void A_path_of_an_unchecked_word_is_found_whatever_way_the_word_went()
    {
        Type[] types = [.. Families(typeof(PathsByWays)), typeof(Named), typeof(INamed)];
        string[] found = [.. Rules.SafePaths(types, "Violating.Settings", "Source")];
        // A lambda's method is named after the one that it stands in.
        Assert.Equal(
            ["ArgumentOf", "Field", "File", "Five", "GivenToLambda", "Interface", "Iterator", "Lambda", "List", "Result", "ResultOfLambda"],
            found.Select(one => one.Split(' ')[0]).Select(one => one.Contains(">b__", StringComparison.Ordinal)
                ? one.Split('<')[^1].Split('>')[0] : one.Split('.')[^1]).Order(StringComparer.Ordinal));
        Assert.Contains(found, one => one.Contains("ArgumentOf makes a path", StringComparison.Ordinal)
            && one.Contains("given by Violating.Bodies.PathsByWays.Argument", StringComparison.Ordinal));
    }

    [Fact]
    public void A_path_of_a_name_that_a_run_has_is_found() => Assert.All(
        Found(Rules.SafePaths(Families(typeof(PathsOfRuns)), "Violating.Settings")),
        one => Assert.Contains("PathsOfRuns.Write makes a path", one, StringComparison.Ordinal));

    private static string[] Found(IEnumerable<string> all)
    {
        string[] found = [.. all];
        Assert.NotEmpty(found);
        return found;
    }

    [Fact]
    public void An_anonymous_document_is_found() =>
        Assert.Contains("Writers.Anonymous", Assert.Single(Rules.AnonymousDocuments([typeof(Writers)])), StringComparison.Ordinal);

    [Fact]
    public void An_object_that_is_written_as_whatever_it_is_is_found()
    {
        Assert.Equal(
            ["AsItIs", "OfAnyType"],
            Rules.UntypedDocuments([typeof(Writers)]).Select(one => one.Split(' ')[0].Split('.')[^1]).Order(StringComparer.Ordinal));
        Assert.Empty(Rules.UntypedDocuments([typeof(Writers)], typeof(Writers)));
    }

    [Fact]
    public void An_object_without_a_type_is_found_and_the_variables_of_a_query_are_not() =>
        Assert.Equal(
            ["an object of Run has no type", "an object of a has no type", "an object of seed has no type"],
            Rules.AnonymousObjects([.. Families(typeof(Writers)), .. Anonymous(["Run"], ["a"], ["seed"], ["one", "other"])])
                .Order(StringComparer.Ordinal));

    /// <summary>A type and what the compiler made inside it.</summary>
    private static IEnumerable<Type> Families(Type type) =>
        type.GetNestedTypes(System.Reflection.BindingFlags.NonPublic).SelectMany(Families).Prepend(type);

    /// <summary>The types of this assembly's objects of such members.</summary>
    private static IEnumerable<Type> Anonymous(params string[][] members) => typeof(ViolationTests).Assembly.GetTypes()
        .Where(type => type.Name.StartsWith("<>f__AnonymousType", StringComparison.Ordinal)
            && members.Any(one => one.SequenceEqual(type.GetProperties().Select(property => property.Name))));

    [Fact]
    public void Reading_files_or_json_past_a_reader_is_found() => Assert.Equal(
        ["Guess calls File.ReadAllText", "Guess calls JsonDocument.Parse", "Guess calls JsonDocument.get_RootElement",
            "Guess calls JsonElement.GetProperty", "Guess calls JsonElement.GetString", "Look calls File.Exists"],
        Rules.ReadsThroughReaders([typeof(Pages), typeof(PageWriter)], typeof(PageWriter))
            .Select(one => one[(one.IndexOf(' ', StringComparison.Ordinal) is var end ? one.LastIndexOf('.', end) + 1 : 0)..])
                .Order(StringComparer.Ordinal));

    [Fact]
    public void A_fast_path_that_is_silent_or_untested_is_found() =>
        Assert.Equal(["Way.Silent: nothing says that it ran", "Way.Untested: no test counts it"],
        Rules.FastPaths(typeof(Way), [typeof(Ways)], [typeof(WayTests)]));

    [Fact]
    public void A_choice_of_a_fast_path_that_nothing_counts_is_found() =>
        Assert.Equal(
            ["Violating.Bodies.SilentChoice"],
                Rules.SilentChoices([typeof(CountedChoice), typeof(CountedChoice.Kernel), typeof(SilentChoice), typeof(Ways)],
            method => method.Name == "Serves", method => method.DeclaringType == typeof(Ways) && method.Name == "Ran")
                .Select(one => one.Split(' ')[0]));
}
