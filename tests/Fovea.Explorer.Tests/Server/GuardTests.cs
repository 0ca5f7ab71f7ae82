using System.Text;
using System.Text.RegularExpressions;
using Fovea.Explorer.Server;
using Xunit;

namespace Fovea.Explorer.Tests.Server;

/// <summary>Who may ask, from where, how much: everybody else gets a sentence and nothing of the run.</summary>
public sealed partial class GuardTests(GuardedRun served) : IClassFixture<GuardedRun>
{
    private static readonly (string, string) Bearer = ("Authorization", $"Bearer {ServedRun.Token}");

    private ServedRun Run => served.Run;

    [GeneratedRegex("\"(/assets/[^\"]*)\"")]
    private static partial Regex AssetPattern();

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("LOCALHOST")]
    [InlineData("[::1]")]
    public async Task Own_names_are_answered_to(string name) =>
        Assert.Equal(200, (await Run.GetAsync("/", Bearer, ("Host", $"{name}:{Run.Port}"))).Status);

    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:PORT")]
    [InlineData("127.0.0.1.evil.example:PORT")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:1")]
    [InlineData("localhost:PORT.evil.example")]
    [InlineData("0.0.0.0:PORT")]
    public async Task A_foreign_host_is_refused_even_with_the_token(string host)
    {
        host = host.Replace("PORT", $"{Run.Port}", StringComparison.Ordinal);
        foreach (string path in (string[])["/", "/api", "/assets/site.css", $"/?token={ServedRun.Token}"])
        {
            string answer = await Run.RawAsync(
                $"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {ServedRun.Token}\r\nConnection: close\r\n\r\n");
            // What is no host at all the server itself refuses.
            Assert.Matches("^HTTP/1.1 (421|400) ", answer);
            Assert.DoesNotContain("small CNN", answer);
            Assert.DoesNotContain("Set-Cookie", answer);
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nConnection: close\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n")]
    [InlineData("GET / HTTP/1.0\r\n\r\n")]
    public async Task Without_one_host_nothing_is_answered(string request) => Assert.DoesNotContain(" 200 ", await Run.RawAsync(request));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0123456789abcdef-of_test")]
    [InlineData("0123456789abcdef-of_tests2")]
    [InlineData("0123456789ABCDEF-OF_TESTS")]
    public async Task Without_the_token_nothing_of_the_run_is_said(string? token)
    {
        foreach (string path in (string[])["/", "/l/block3", "/api", "/media/cams/block3/0.png", "/assets/site.css", $"/?token={token}"])
        {
            Answer answer = await Run.GetAsync(path, ("Authorization", $"Bearer {token}"), ("Cookie", $"fovea-{Run.Port}={token}"));
            Assert.Equal(401, answer.Status);
            Assert.Contains("Open the whole address that fovea explore printed", answer.Text);
            Assert.DoesNotContain("block3", answer.Text);
            Assert.Equal("no-store", answer.Header("Cache-Control"));
        }
    }

    [Fact]
    public async Task The_first_address_becomes_a_strict_cookie_and_leaves_no_token_behind()
    {
        Answer first = await Run.GetAsync($"/l/block3?sort=max&token={ServedRun.Token}", ("Accept", "*/*"));

        Assert.Equal(303, first.Status);
        Assert.Equal("/l/block3?sort=max", first.Header("Location"));
        string cookie = first.Header("Set-Cookie");
        Assert.Equal($"fovea-{Run.Port}={ServedRun.Token}; path=/; samesite=strict; httponly", cookie);
        Answer second = await Run.GetAsync(first.Header("Location"), ("Cookie", cookie.Split(';')[0]));
        Assert.Equal(200, second.Status);
        Assert.DoesNotContain(ServedRun.Token, second.Text);
    }

    [Fact]
    public async Task A_link_on_another_page_leads_in_through_a_page_of_our_own()
    {
        Answer first = await Run.GetAsync(
            $"/l/block3?a=%22%3E%3Cb%3E&token={ServedRun.Token}", ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"));

        Assert.Equal(200, first.Status);
        Assert.Contains("content=\"0;url=/l/block3?a=%22%3E%3Cb%3E\"", first.Text);
        Assert.NotEqual("", first.Header("Set-Cookie"));
        Assert.DoesNotContain(ServedRun.Token, first.Text);
    }

    [Fact]
    public async Task The_way_in_leads_nowhere_else()
    {
        string answer = await Run.RawAsync(
            $"GET //evil.example/?token={ServedRun.Token} HTTP/1.1\r\nHost: 127.0.0.1:{Run.Port}\r\nConnection: close\r\n\r\n");

        Assert.Contains("Location: /evil.example/\r\n", answer);
    }

    [Theory]
    [InlineData("http://evil.example", null)]
    [InlineData("http://127.0.0.1:1", "same-site")]
    [InlineData("http://localhost.evil.example:PORT", null)]
    [InlineData("https://127.0.0.1:PORT", null)]
    [InlineData("null", null)]
    [InlineData("http://127.0.0.1:PORT", "cross-site")]
    [InlineData(null, "cross-site")]
    [InlineData(null, "same-site")]
    public async Task What_comes_from_another_origin_is_refused_even_with_the_token(string? origin, string? site)
    {
        List<(string, string)> headers = [Bearer, ("Cookie", $"fovea-{Run.Port}={ServedRun.Token}"), ("Sec-Fetch-Mode", "no-cors")];
        if (origin is not null) headers.Add(("Origin", origin.Replace("PORT", $"{Run.Port}", StringComparison.Ordinal)));
        if (site is not null) headers.Add(("Sec-Fetch-Site", site));
        foreach (HttpMethod method in (HttpMethod[])[HttpMethod.Post, HttpMethod.Put, HttpMethod.Delete])
            Assert.Equal(403, (await Run.SendAsync(method, "/api/jobs", null, [.. headers])).Status);
        if (site is not null) Assert.Equal(403, (await Run.GetAsync("/media/cams/block3/0.png", [.. headers])).Status);
    }

    [Fact]
    public async Task A_change_that_says_nothing_of_its_origin_needs_the_token_itself()
    {
        Assert.Equal(403, (await Run.SendAsync(HttpMethod.Post, "/nowhere", null, ("Cookie", $"fovea-{Run.Port}={ServedRun.Token}"))).Status);
        Assert.NotEqual(403, (await Run.SendAsync(HttpMethod.Post, "/nowhere", null, Bearer)).Status);
        Assert.NotEqual(403, (await Run.SendAsync(HttpMethod.Post, "/nowhere", null, ("Cookie", $"fovea-{Run.Port}={ServedRun.Token}"),
            ("Origin", $"http://127.0.0.1:{Run.Port}"))).Status);
        // A form of our own page under no-referrer.
        Assert.NotEqual(403, (await Run.SendAsync(HttpMethod.Post, "/nowhere", null, ("Cookie", $"fovea-{Run.Port}={ServedRun.Token}"),
            ("Origin", "null"), ("Sec-Fetch-Site", "same-origin"))).Status);
    }

    [Theory]
    [InlineData("/media/../recipe.toml")]
    [InlineData("/media/%2e%2e/recipe.toml")]
    [InlineData("/media/cams/../../recipe.toml")]
    [InlineData("/media/cams/%2e%2e/%2e%2e/run.json")]
    [InlineData("/media/..%2frun.json")]
    [InlineData("/media/..%5crun.json")]
    [InlineData("/media//etc/passwd")]
    [InlineData("/media/%2fetc%2fpasswd")]
    [InlineData("/media/cams/block3/0.png%00.json")]
    [InlineData("/media/recipe.toml")]
    [InlineData("/media/model/model.json")]
    [InlineData("/assets/../../site.css")]
    [InlineData("/assets/%2e%2e%2fsite.css")]
    [InlineData("/assets/Fovea.Explorer.dll")]
    [InlineData("/l/%2e%2e/f/1")]
    [InlineData("/l/..%2f..%2fetc")]
    public async Task No_path_leads_out_of_what_is_served(string path)
    {
        string answer = await Run.RawAsync(
            $"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{Run.Port}\r\nAuthorization: Bearer {ServedRun.Token}\r\nConnection: close\r\n\r\n");

        Assert.Matches("^HTTP/1.1 (404|400) ", answer);
        Assert.DoesNotContain("small_cnn", answer);
        Assert.DoesNotContain("root:", answer);
    }

    [Fact]
    public async Task What_only_calls_itself_a_picture_is_none()
    {
        Run.Run.WriteText("cams/secret.png", "not a picture");
        Assert.Equal(404, (await Run.GetAsync("/media/cams/secret.png")).Status);
        Assert.Equal(200, (await Run.GetAsync("/media/cams/block3/0.png")).Status);
    }

    [Fact]
    public async Task Bodies_and_heads_have_a_size()
    {
        string host = $"Host: 127.0.0.1:{Run.Port}\r\nAuthorization: Bearer {ServedRun.Token}\r\nConnection: close\r\n";

        Assert.Matches("^HTTP/1.1 431 ", await Run.RawAsync($"GET / HTTP/1.1\r\n{host}X-Long: {new string('a', 40_000)}\r\n\r\n"));
        Assert.Matches("^HTTP/1.1 414 ", await Run.RawAsync($"GET /{new string('a', 20_000)} HTTP/1.1\r\n{host}\r\n"));
        using var huge = new ByteArrayContent(new byte[ExplorerServer.MostBytes + 1]);
        Assert.InRange((await Run.SendAsync(HttpMethod.Post, "/api/jobs", huge)).Status, 400, 499);
    }

    [Fact]
    public async Task Every_answer_carries_the_policy()
    {
        foreach (string path in (string[])["/", "/api", "/assets/site.css", "/nowhere", "/l/block3/s/topk/f/48", "/media/nothing.png"])
        {
            foreach (Answer answer in new[] { await Run.GetAsync(path), await Run.GetAsync(path, ("Accept", "*/*")) })
            {
                string policy = answer.Header("Content-Security-Policy");
                Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self'; ", policy);
                Assert.DoesNotContain("unsafe-eval", policy);
                Assert.DoesNotContain("script-src 'self' 'unsafe-inline'", policy);
                Assert.Contains("frame-ancestors 'none'", policy);
                Assert.Equal("nosniff", answer.Header("X-Content-Type-Options"));
                Assert.Equal("same-origin", answer.Header("Referrer-Policy"));
                Assert.Equal("same-origin", answer.Header("Cross-Origin-Resource-Policy"));
                Assert.Equal("", answer.Header("Server"));
                Assert.Contains(answer.Header("Cache-Control"), (string[])["no-store", "no-cache, private"]);
                Assert.Equal("", answer.Header("Access-Control-Allow-Origin"));
            }
        }
        Assert.Equal("no-store", (await Run.GetAsync("/l/block3")).Header("Cache-Control"));
    }

    [Fact]
    public async Task Pictures_and_styles_are_asked_for_again_and_sent_only_where_they_changed()
    {
        foreach (string path in (string[])["/assets/site.css", "/media/cams/block3/0.png"])
        {
            Answer first = await Run.GetAsync(path);
            Assert.NotEmpty(first.Body);
            Answer second = await Run.GetAsync(path, Bearer, ("If-None-Match", first.Header("ETag")));
            Assert.Equal((304, 0), (second.Status, second.Body.Length));
        }
    }

    [Fact]
    public async Task A_file_whose_address_says_what_it_holds_is_kept_without_asking_and_only_under_that_address()
    {
        string page = (await Run.GetAsync("/l/block3")).Text;
        string[] named = [.. AssetPattern().Matches(page).Select(match => match.Groups[1].Value).Distinct()];
        Assert.Contains(named, name => name.StartsWith("/assets/site.css?v=", StringComparison.Ordinal));
        foreach (string path in named)
        {
            Answer kept = await Run.GetAsync(path);
            Assert.Equal(200, kept.Status);
            Assert.Contains("immutable", kept.Header("Cache-Control"));
            Assert.Equal("no-cache, private", (await Run.GetAsync(path[..^1] + (path[^1] == '0' ? '1' : '0'))).Header("Cache-Control"));
        }
    }

    [Fact]
    public async Task What_is_not_there_is_said_in_a_sentence_and_no_failure_shows_its_trace()
    {
        Answer page = await Run.GetAsync("/nowhere"), api = await Run.GetAsync("/api/nowhere");

        Assert.Equal((404, 404), (page.Status, api.Status));
        Assert.Contains("<h1>Nothing is here</h1>", page.Text);
        Assert.Contains("\"schema\": 1", api.Text);
        Assert.Contains("\"error\": \"There is no", api.Text);
        Assert.DoesNotContain("   at ", page.Text + api.Text);
        Assert.DoesNotContain(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(Run.Run.Folder)), page.Text + api.Text);
    }
}

/// <summary>One server for all tests of a class.</summary>
public sealed class GuardedRun : IAsyncLifetime
{
    public ServedRun Run { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Run = await ServedRun.EvidencedAsync();

    public ValueTask DisposeAsync() => Run.DisposeAsync();
}
