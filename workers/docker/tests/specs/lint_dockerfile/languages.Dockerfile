FROM python:3.12-slim
RUN pip install flask "requests>=2" -i https://index.example/simple
RUN python3 -m pip install --no-cache-dir -r requirements.txt && pip3.12 install --no-cache-dir . git+https://host.example/a
ENV PIP_NO_CACHE_DIR=1
RUN pip install uvicorn
RUN npm install -g pm2 @scope/tool@1.2.0 && npm ci
RUN yarn install --frozen-lockfile
RUN gem install rake bundler:2.5.0 && gem install rails --version 7.1
RUN go install host.example/tool@latest && go install ./... && go run host.example/gen@v1.0.0 main
