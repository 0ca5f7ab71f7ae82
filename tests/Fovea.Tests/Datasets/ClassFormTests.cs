using Fovea.Datasets;
using Xunit;

namespace Fovea.Tests.Datasets;

/// <summary>The forms in which class lists come.</summary>
public sealed class ClassFormTests
{
    [Theory]
    [InlineData("[\"cat\", \"dog\"]", "cat dog", "cat dog")]
    [InlineData("[[\"n01\", \"cat\"], [\"n02\", \"dog\"]]", "n01 n02", "cat dog")]
    [InlineData("{\"0\": [\"n01\", \"cat\"], \"1\": [\"n02\", \"dog\"]}", "n01 n02", "cat dog")]
    [InlineData("{\"1\": \"dog\", \"0\": \"cat\"}", "cat dog", "cat dog")]
    [InlineData("{\"dog\": 1, \"cat\": 0}", "cat dog", "cat dog")]
    [InlineData("{\"architectures\": [\"X\"], \"id2label\": {\"0\": \"cat\", \"1\": \"dog\"}, \"label2id\": {\"x\": 0}}", "cat dog", "cat dog")]
    [InlineData("{\"class_to_idx\": {\"cat\": 0, \"dog\": 1}}", "cat dog", "cat dog")]
    [InlineData("\uFEFF[\"crane\", \"dog\", \"crane\"]", "crane_(0) dog crane_(2)", "crane dog crane")]
    [InlineData("n01440764 tench, Tinca tinca\nn01443537 goldfish, Carassius auratus\n", "n01440764 n01443537", "tench goldfish")]
    [InlineData("0\tn01\tcat\r\n1\tn02\tdog\r\n", "n01 n02", "cat dog")]
    [InlineData("index\tid\tname\n0\tn01\tcat\n", "n01", "cat")]
    public void Each_form_is_read(string text, string ids, string names)
    {
        using var data = new TestImages();
        ClassList list = ClassTable.Read(data.Write("list", text));
        Assert.Equal(ids.Split(' '), list.Select(info => info.Id.Replace(' ', '_')));
        Assert.Equal(names.Split(' '), list.Select(info => info.Name));
    }

    [Theory]
    [InlineData("[\"cat\", 3]", "entry 1 is number")]
    [InlineData("[\"cat\", \"\"]", "entry 1 has no name")]
    [InlineData("[\"cat\", [\"n02\"]]", "entry 1 is array")]
    [InlineData("{\"0\": \"cat\", \"2\": \"dog\"}", "class 2 of 2")]
    [InlineData("{\"cat\": 0, \"dog\": 0}", "class 0 stands twice")]
    [InlineData("{\"cat\": 0, \"dog\": 1.5}", "\"dog\" has no index")]
    [InlineData("{\"cat\": \"x\"}", "\"cat\" has no index")]
    [InlineData("{\"0\": \"cat\"", "is no JSON")]
    [InlineData("[]", "is empty")]
    [InlineData("{}", "is empty")]
    [InlineData("[[\"n01\", \"cat\"], [\"n01\", \"dog\"]]", "stands twice")]
    [InlineData("n01440764 tench\nn0144353 goldfish\n", "line 2: expected an id such as n01440764")]
    [InlineData("cat\ndog\n", "as JSON")]
    public void What_is_none_of_them_is_refused_with_the_place(string text, string message)
    {
        using var data = new TestImages();
        var error = Assert.Throws<FoveaException>(() => ClassTable.Read(data.Write("list", text)));
        Assert.Equal(FailureKind.Data, error.Kind);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }
}
